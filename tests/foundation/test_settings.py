import pytest

from mentorship.foundation import settings as config

GOOD = {
    "CURBSIDE_ENV": "production",
    "SECRET_KEY": "x" * 40,
    "DATABASE_URL": "postgresql://curbside@db.example.org/curbside",
    "BASE_URL": "https://curbside.example.org",
    "SMTP_HOST": "smtp.example.org",
    "MAIL_FROM": "curbside@example.org",
}


def test_a_complete_environment_is_read_with_types():
    settings = config.load(GOOD | {"PORT": "8100", "PROXY_HOPS": "1"})

    assert (settings.port, settings.proxy_hops, settings.secure) == (8100, 1, True)


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "DATABASE_URL", "BASE_URL", "SMTP_HOST", "MAIL_FROM"]
)
def test_what_production_lacks_is_named(name):
    with pytest.raises(config.SettingsError, match=f"missing {name}"):
        config.load({key: value for key, value in GOOD.items() if key != name})


def test_everything_that_is_wrong_is_named_at_once():
    with pytest.raises(config.SettingsError) as no:
        config.load(
            GOOD | {"SECRET_KEY": "short", "PORT": "http", "BASE_URL": "curbside.example.org"}
        )

    assert all(name in str(no.value) for name in ("SECRET_KEY", "PORT", "BASE_URL"))


def test_production_insists_on_https():
    with pytest.raises(config.SettingsError, match="https"):
        config.load(GOOD | {"BASE_URL": "http://curbside.example.org"})


def test_an_unknown_environment_is_refused():
    with pytest.raises(config.SettingsError, match="staging"):
        config.load(GOOD | {"CURBSIDE_ENV": "staging"})


@pytest.mark.parametrize(
    "contact",
    [
        "security@example.org",
        "http://example.org",
        "mailto:a@example.org\nExpires: x",
        "mailto:é@x",
    ],
)
def test_whom_to_tell_of_a_hole_is_an_address_on_one_line(contact):
    with pytest.raises(config.SettingsError, match="SECURITY_CONTACT"):
        config.load(GOOD | {"SECURITY_CONTACT": contact})


def test_secrets_do_not_show_when_settings_are_printed():
    assert "x" * 40 not in repr(config.load(GOOD))


def test_the_example_environment_names_only_settings_that_exist():
    lines = (config.CONFIG / ".env.example").read_text().splitlines()
    names = {line.split("=")[0] for line in lines if "=" in line and not line.startswith("#")}
    known = {field.upper() for field in config.Settings.__dataclass_fields__} | {"CURBSIDE_ENV"}

    assert names <= known
