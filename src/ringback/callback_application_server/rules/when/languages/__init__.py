"""The languages a customer's words are read in. One more is a file of its own and a line here."""

from ringback.callback_application_server.rules.when.languages.english import ENGLISH
from ringback.callback_application_server.rules.when.languages.french import FRENCH
from ringback.callback_application_server.rules.when.languages.german import GERMAN
from ringback.callback_application_server.rules.when.languages.italian import ITALIAN
from ringback.callback_application_server.rules.when.languages.japanese import JAPANESE
from ringback.callback_application_server.rules.when.languages.portuguese import PORTUGUESE
from ringback.callback_application_server.rules.when.languages.spanish import SPANISH

LANGUAGES = (ENGLISH, GERMAN, SPANISH, FRENCH, PORTUGUESE, ITALIAN, JAPANESE)
