"""What a coordinator types to set sign-in through the university up."""

from wtforms import PasswordField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from mentorship.tenancy.roles import Role
from mentorship.tenancy.university import providers
from mentorship.tenancy.university.models import JOINS_AS, Joining, Preset, Provider
from mentorship.web.forms import Day, Form


class ProviderForm(Form):
    preset = SelectField(
        "Who runs it",
        choices=[SelectChoice(each.value, each.label) for each in Preset],
        default=Preset.OTHER,
    )
    name = StringField(
        "Your university’s name",
        description="It stands on the button that people press to sign in.",
        validators=[InputRequired(providers.NoName.sentence), Length(max=providers.LONGEST_NAME)],
    )
    issuer = StringField(
        "Issuer",
        description="An address, exactly as your university gave it to you.",
        validators=[
            InputRequired("Copy the issuer that your university gave you."),
            Length(max=1000),
        ],
        render_kw={"inputmode": "url", "autocapitalize": "none", "spellcheck": "false"},
    )
    client_id = StringField(
        "Client id",
        validators=[InputRequired(providers.NoClient.sentence), Length(max=providers.LONGEST_ID)],
        render_kw={"autocapitalize": "none", "spellcheck": "false"},
    )
    secret = PasswordField(
        "Client secret",
        validators=[Optional(), Length(max=providers.LONGEST_SECRET)],
        render_kw={"autocomplete": "off"},
    )
    secret_ends_on = Day(
        "The secret’s last day",
        description="We remind the coordinators 30 and 7 days ahead.",
        validators=[Optional()],
    )
    domains = TextAreaField(
        "Domains of its addresses",
        description="Like example.edu. Of an address at any other domain we ask the mailbox.",
        validators=[Length(max=2000)],
        render_kw={"autocapitalize": "none", "spellcheck": "false"},
    )
    joining = SelectField(
        "Who becomes a member by signing in",
        choices=[SelectChoice(each.value, each.label) for each in Joining],
        default=Joining.INVITED,
    )
    claim_name = StringField("Name of the claim", validators=[Length(max=100)])
    claim_value = StringField("What stands in it", validators=[Length(max=200)])
    joins_as = SelectField(
        "They join as",
        choices=[SelectChoice(role.value, role.label) for role in JOINS_AS],
        default=Role.STUDENT,
    )

    def choices(self) -> providers.Choices:
        """What was typed.

        :raises providers.BadDomain: a domain is none.
        """
        return providers.Choices(
            name=self.name.data or "",
            preset=Preset(self.preset.data),
            issuer=self.issuer.data or "",
            client_id=self.client_id.data or "",
            secret=self.secret.data or "",
            secret_ends_on=self.secret_ends_on.data,
            domains=providers.domains_in(self.domains.data or ""),
            joining=Joining(self.joining.data),
            claim_name=self.claim_name.data or "",
            claim_value=self.claim_value.data or "",
            joins_as=Role(self.joins_as.data),
        )

    def show(self, provider: Provider) -> None:
        """Fill in what is known. The secret is not: it is never shown again."""
        for name in ("preset", "name", "issuer", "client_id", "secret_ends_on", "joining"):
            self[name].data = getattr(provider, name)
        for name in ("claim_name", "claim_value", "joins_as"):
            self[name].data = getattr(provider, name)
        self.domains.data = "\n".join(provider.domains)
