"""The languages in which wishes are understood. One more is a file of its own, a line here, and phrases for the classifier."""

from ringback.callback_application_server.rules.intents.languages.english import ENGLISH
from ringback.callback_application_server.rules.intents.languages.french import FRENCH
from ringback.callback_application_server.rules.intents.languages.german import GERMAN
from ringback.callback_application_server.rules.intents.languages.italian import ITALIAN
from ringback.callback_application_server.rules.intents.languages.portuguese import PORTUGUESE
from ringback.callback_application_server.rules.intents.languages.spanish import SPANISH

WORDINGS = (ENGLISH, GERMAN, SPANISH, FRENCH, PORTUGUESE, ITALIAN)
