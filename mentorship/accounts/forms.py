"""What people type to be let in."""

from wtforms import EmailField, HiddenField
from wtforms.validators import Email, InputRequired, Length

from mentorship.web.forms import Form


class AskForLink(Form):
    email = EmailField(
        "School or hospital email",
        description="We send a link that works once, for 15 minutes. There is no password.",
        validators=[
            InputRequired("Type the email address that your chapter knows."),
            Length(max=254, message="That is longer than an email address can be."),
            Email("That does not look like an email address. Check for a missing @ or dot."),
        ],
        render_kw={"autocomplete": "username", "inputmode": "email"},
    )
    next = HiddenField()


class UseLink(Form):
    pass
