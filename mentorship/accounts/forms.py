"""What people type to be let in."""

from wtforms import EmailField, HiddenField, StringField
from wtforms.validators import DataRequired, Email, InputRequired, Length

from mentorship.accounts import links
from mentorship.accounts.passkeys.keys import NAME_LENGTH
from mentorship.web.forms import Form

_AN_ADDRESS = (
    Length(max=254, message="That is longer than an email address can be."),
    Email("That does not look like an email address. Check for a missing @ or dot."),
)


class AskForLink(Form):
    email = EmailField(
        "School or hospital email",
        description=f"We send a link that works once, for {links.MINUTES} minutes."
        " There is no password.",
        validators=[
            InputRequired("Type the email address that your chapter knows."),
            *_AN_ADDRESS,
        ],
        render_kw={"autocomplete": "username webauthn", "inputmode": "email"},
    )
    next = HiddenField()


class NewAddress(Form):
    email = EmailField(
        "New email address",
        description="One that you will still read in a year.",
        validators=[
            InputRequired("Type the address that you want to sign in with."),
            *_AN_ADDRESS,
        ],
        render_kw={"autocomplete": "email", "inputmode": "email"},
    )


class UseLink(Form):
    """The button of a link; where another browser asked for it, the address once more."""

    email = EmailField(
        "Your email address",
        description="The one that you asked with.",
        render_kw={"autocomplete": "email", "inputmode": "email", "maxlength": 254},
    )


class UseCode(Form):
    code = StringField(
        "Code",
        validators=[InputRequired("Type the eight digits that the link shows.")],
        render_kw={
            "autocomplete": "one-time-code",
            "inputmode": "numeric",
            "maxlength": 12,
            "autocapitalize": "off",
        },
    )


class Passkey(Form):
    """What a browser answers; the script fills it in."""

    credential = HiddenField()
    next = HiddenField()


class NamePasskey(Form):
    name = StringField(
        "Name",
        description="Where it is, so that you know it again: Phone, Work laptop, Security key.",
        validators=[
            DataRequired("Give it a name."),
            Length(max=NAME_LENGTH, message=f"That is longer than {NAME_LENGTH} characters."),
        ],
        render_kw={"autocomplete": "off"},
    )


class AddPasskey(NamePasskey):
    credential = HiddenField()
