"""What every answer tells the browser not to do."""

from flask import Flask, Response, request

from mentorship.foundation.settings import Settings

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
#: What pages may do with the device, by the names that browsers know (W3C's list of features and
#: those that Chromium adds): passkeys, and nothing else.
DEVICE = {
    name: "(self)" if name.startswith("publickey-credentials-") else "()"
    for name in (
        *("accelerometer", "ambient-light-sensor", "attribution-reporting", "autoplay"),
        *("bluetooth", "browsing-topics", "camera", "clipboard-read", "clipboard-write"),
        *("compute-pressure", "cross-origin-isolated", "display-capture", "encrypted-media"),
        *("fullscreen", "gamepad", "geolocation", "gyroscope", "hid", "identity-credentials-get"),
        *("idle-detection", "join-ad-interest-group", "keyboard-map", "local-fonts"),
        *("magnetometer", "microphone", "midi", "otp-credentials", "payment"),
        *("picture-in-picture", "private-aggregation", "private-state-token-issuance"),
        *("private-state-token-redemption", "publickey-credentials-create"),
        *("publickey-credentials-get", "run-ad-auction", "screen-wake-lock", "serial"),
        *("shared-storage", "storage-access", "sync-xhr", "unload", "usb", "window-management"),
        "xr-spatial-tracking",
    )
}
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # For browsers that do not know frame-ancestors.
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}={who}" for name, who in DEVICE.items()),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Nothing of another name under the same domain shares our process.
    "Origin-Agent-Cluster": "?1",
}


def init_app(app: Flask, settings: Settings) -> None:
    @app.after_request
    def harden(response: Response) -> Response:
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        if "token" in (request.view_args or {}):
            # The address is a key: also where it is refused, and of what the page itself fetches.
            response.headers["Referrer-Policy"] = "no-referrer"
        # Pages are somebody's own; files say for themselves how long they keep.
        response.headers.setdefault("Cache-Control", "no-store")
        response.vary.add("Cookie")
        if settings.secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        return response
