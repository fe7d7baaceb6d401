"""The words of the small language that the translator speaks: English beside French, with what grammar asks of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

PERSONS = ("I", "you", "he", "we", "they")  # the order of all French forms: je, tu, il, nous, ils

NOUNS = {  # kind: English (with a plural that is irregular), French, gender
    "person": "man/men homme m, woman/women femme f, boy garçon m, girl fille f, child/children enfant m, "
    "baby/babies bébé m",
    "friend": "friend ami m, teacher professeur m, doctor médecin m, student étudiant m, neighbour voisin m",
    "family": "mother/ mère f, father/ père m, brother frère m, sister sœur f, son fils m, daughter fille f",
    "animal": "dog chien m, cat chat m, horse cheval m, bird oiseau m",
    "food": "apple pomme f, cake gâteau m, egg œuf m, orange orange f, tomato/tomatoes tomate f, carrot carotte f",
    "eaten": "bread/ pain m, cheese/ fromage m, meat/ viande f, rice/ riz m, fish/ poisson m, chocolate/ chocolat m",
    "drink": "coffee/ café m, tea/ thé m, milk/ lait m, water/ eau f, wine/ vin m, juice/ jus m",
    "text": "book livre m, letter lettre f, newspaper journal m, story/stories histoire f",
    "thing": "car voiture f, bike vélo m, bag sac m, key clé f, hat chapeau m, chair chaise f, phone téléphone m, "
    "computer ordinateur m, flower fleur f, shirt chemise f, house maison f, ticket billet m",
    "film": "film film m, picture photo f",
    "opens": "door porte f, window fenêtre f, box/boxes boîte f",
}
GOES_TO = (
    "the station,la gare/the hospital,l' hôpital/the park,le parc/the beach,la plage/the market,le marché/"
    "the library,la bibliothèque/the restaurant,le restaurant/the office,le bureau/school,l' école/work,le travail"
)
STANDS_IN = "the garden,le jardin/the kitchen,la cuisine/the street,la rue/the forest,la forêt/the room,la chambre"
CITIES = {"paris": "Paris", "london": "Londres", "rome": "Rome"}
NAMES = {"tom": ("Tom", "m"), "mary": ("Mary", "f"), "paul": ("Paul", "m"), "anna": ("Anna", "f")}
WITH = {"me": "moi", "you": "toi", "him": "lui", "her": "elle", "us": "nous", "them": "eux"}
OBJECT = {"me": "me", "you": "te", "him": "le", "her": "la", "us": "nous", "them": "les"}

BEFORE = "big grand, small petit, old vieux, young jeune, beautiful beau, new nouveau, good bon, bad mauvais"
BEHIND = "red rouge, white blanc, black noir, green vert, blue bleu, expensive cher, interesting intéressant"
OF_PEOPLE = (
    "happy heureux, sad triste, tired fatigué, sick malade, tall grand, young jeune, old vieux, beautiful beau, "
    "small petit, kind gentil, strong fort, rich riche, poor pauvre, ready prêt, late en_retard, alone seul"
)
OF_FOOD = "hot chaud, cold froid, good bon, bad mauvais, expensive cher"
FORMS = {  # feminine, and what else is irregular: masculine plural, masculine before a vowel
    "vieux": "vieille vieux vieil", "beau": "belle beaux bel", "nouveau": "nouvelle nouveaux nouvel", "bon": "bonne",
    "mauvais": "mauvaise mauvais", "blanc": "blanche", "cher": "chère", "heureux": "heureuse heureux",
    "gentil": "gentille", "en_retard": "en_retard en_retard",
}  # fmt: skip
FEELINGS = {"hungry": "faim", "thirsty": "soif", "afraid": "peur", "right": "raison"}  # French has them

# English: base, third person, past, -ing. French: infinitive, present, participle (behind * where être helps).
VERBS = """
eat eats ate eating: manger mange manges mange mangeons mangent mangé
drink drinks drank drinking: boire bois bois boit buvons boivent bu
buy buys bought buying: acheter achète achètes achète achetons achètent acheté
sell sells sold selling: vendre vends vends vend vendons vendent vendu
read reads read reading: lire lis lis lit lisons lisent lu
write writes wrote writing: écrire écris écris écrit écrivons écrivent écrit
see sees saw seeing: voir vois vois voit voyons voient vu
love loves loved loving: aimer aime aimes aime aimons aiment aimé
like likes liked liking: aimer aime aimes aime aimons aiment aimé
know knows knew knowing: connaître connais connais connaît connaissons connaissent connu
want wants wanted wanting: vouloir veux veux veut voulons veulent voulu
have has had having: avoir ai as a avons ont eu
need needs needed needing: avoir ai as a avons ont eu
look looks looked looking: chercher cherche cherches cherche cherchons cherchent cherché
find finds found finding: trouver trouve trouves trouve trouvons trouvent trouvé
wait waits waited waiting: attendre attends attends attend attendons attendent attendu
help helps helped helping: aider aide aides aide aidons aident aidé
call calls called calling: appeler appelle appelles appelle appelons appellent appelé
watch watches watched watching: regarder regarde regardes regarde regardons regardent regardé
open opens opened opening: ouvrir ouvre ouvres ouvre ouvrons ouvrent ouvert
close closes closed closing: fermer ferme fermes ferme fermons ferment fermé
give gives gave giving: donner donne donnes donne donnons donnent donné
show shows showed showing: montrer montre montres montre montrons montrent montré
take takes took taking: prendre prends prends prend prenons prennent pris
listen listens listened listening: écouter écoute écoutes écoute écoutons écoutent écouté
play plays played playing: jouer joue joues joue jouons jouent joué
speak speaks spoke speaking: parler parle parles parle parlons parlent parlé
learn learns learned learning: apprendre apprends apprends apprend apprenons apprennent appris
understand understands understood understanding: comprendre comprends comprends comprend comprenons comprennent compris
work works worked working: travailler travaille travailles travaille travaillons travaillent travaillé
sleep sleeps slept sleeping: dormir dors dors dort dormons dorment dormi
sing sings sang singing: chanter chante chantes chante chantons chantent chanté
dance dances danced dancing: danser danse danses danse dansons dansent dansé
swim swims swam swimming: nager nage nages nage nageons nagent nagé
run runs ran running: courir cours cours court courons courent couru
laugh laughs laughed laughing: rire ris ris rit rions rient ri
cry cries cried crying: pleurer pleure pleures pleure pleurons pleurent pleuré
cook cooks cooked cooking: cuisiner cuisine cuisines cuisine cuisinons cuisinent cuisiné
live lives lived living: habiter habite habites habite habitons habitent habité
go goes went going: aller vais vas va allons vont *allé
come comes came coming: venir viens viens vient venons viennent *venu
arrive arrives arrived arriving: arriver arrive arrives arrive arrivons arrivent *arrivé
leave leaves left leaving: partir pars pars part partons partent *parti
stay stays stayed staying: rester reste restes reste restons restent *resté
"""
MUST = "devoir dois dois doit devons doivent dû"
CAN = "pouvoir peux peux peut pouvons peuvent pu"
BE = "être suis es est sommes sont été"
STATES = {"love", "like", "know", "want", "have", "need", "understand"}  # no -ing, no command
TAKES = {  # kinds of objects
    "eat": "food eaten", "drink": "drink", "buy": "food eaten drink thing text animal",
    "sell": "thing food animal text",
    "read": "text", "write": "text", "see": "person family animal thing film name pronoun",
    "know": "person name pronoun",
    "love": "person family name pronoun", "like": "food eaten drink animal film text", "want": "food eaten drink thing",
    "have": "thing animal text family", "need": "thing drink text", "look": "thing animal name text",
    "find": "thing animal text", "wait": "person name pronoun family", "help": "person name pronoun family",
    "call": "person name pronoun family", "watch": "film", "open": "opens", "close": "opens", "take": "thing film text",
    "listen": "person name pronoun", "understand": "person name pronoun", "give": "thing text",
    "show": "film text thing",
}  # fmt: skip
PHRASES = {  # what some verbs are said with: English, French
    "play": [("football", "au football"), ("tennis", "au tennis"), ("the piano", "du piano"), ("", "")],
    "speak": [("french", "français"), ("english", "anglais"), ("too fast", "trop vite")],
    "learn": [("french", "le français"), ("english", "l' anglais")],
    "understand": [("french", "le français"), ("english", "l' anglais")],
    "take": [("the train", "le train"), ("the bus", "le bus")],
    "listen": [("to the radio", "la radio")],
    "go": [("home", "à la maison")],
    "stay": [("at home", "à la maison"), ("here", "ici")],
    "come": [("here", "ici"), ("", "")],
    "arrive": [("", "")], "leave": [("", "")], "work": [("", "")], "sleep": [("", "")], "sing": [("", "")],
    "dance": [("", "")], "swim": [("", "")], "run": [("", "")], "laugh": [("", "")], "cry": [("", "")],
    "cook": [("", "")], "eat": [("", "")], "read": [("", "")],
}  # fmt: skip
TIMES = {
    "state": "today,aujourd'hui/now,maintenant",
    "present": "every day,tous les jours/in the morning,le matin/in the evening,le soir/now,maintenant",
    "past": "yesterday,hier/today,aujourd'hui/in the morning,le matin",
    "future": "tomorrow,demain/today,aujourd'hui/in the evening,le soir/now,maintenant",
}
SAID = """
hello.|bonjour. ; hi.|salut. ; good morning.|bonjour. ; good evening.|bonsoir. ; good night.|bonne nuit.
goodbye.|au revoir. ; see you tomorrow.|à demain. ; thank you.|merci. ; thank you very much.|merci beaucoup.
please.|s'il te plaît. ; yes.|oui. ; no.|non. ; i am sorry.|je suis désolé. ; i'm sorry.|je suis désolé.
sorry.|désolé. ; excuse me.|excuse-moi. ; how are you?|comment vas-tu? ; i am fine.|je vais bien.
i'm fine.|je vais bien. ; what is your name?|comment t' appelles-tu? ; who are you?|qui es-tu?
i love you.|je t' aime. ; i don't know.|je ne sais pas. ; i do not know.|je ne sais pas.
what time is it?|quelle heure est-il? ; where are you?|où es-tu? ; welcome.|bienvenue.
happy birthday.|joyeux anniversaire. ; good luck.|bonne chance. ; what is this?|qu' est-ce que c' est?
come in.|entre. ; of course.|bien sûr. ; help me.|aide-moi. ; look at me.|regarde-moi.
wait for me.|attends-moi. ; it is raining.|il pleut. ; it's raining.|il pleut. ; it is cold.|il fait froid.
it's cold.|il fait froid. ; it is hot.|il fait chaud. ; it's hot.|il fait chaud. ; it is late.|il est tard.
it's late.|il est tard. ; how old are you?|quel âge as-tu? ; where is the station?|où est la gare?
i have an idea.|j' ai une idée.
"""


@dataclass(frozen=True)
class Noun:
    """A noun in both languages; `many` is empty for what is not counted."""

    one: str
    many: str
    french: str
    french_many: str
    gender: str
    kind: str


@dataclass(frozen=True)
class Verb:
    """A verb: its English forms; French: infinitive, a form for each person, participle, and whether it takes être."""

    base: str
    third: str
    past: str
    ing: str
    infinitive: str
    present: tuple[str, ...]
    participle: str
    with_etre: bool


def french_plural(word: str) -> str:
    """Return the plural of a French noun or adjective that is regular."""
    if word.endswith(("s", "x", "z")):
        return word
    return re.sub("al$", "aux", word) if word.endswith("al") else word + ("x" if word.endswith("eau") else "s")


def adjective(french: str) -> dict[str, str]:
    """Return the forms of a French adjective: m, f, ms, fs, and v, masculine before a vowel."""
    feminine, *others = FORMS.get(french, french if french.endswith("e") else french + "e").split()
    many = others[0] if others else french_plural(french)
    before_vowel = others[1] if others[1:] else french
    several = feminine if french == "en_retard" else feminine + "s"
    forms = {"m": french, "f": feminine, "ms": many, "fs": several, "v": before_vowel}
    return {name: form.replace("_", " ") for name, form in forms.items()}


def verb(english: str, french: str) -> Verb:
    """Read a row of VERBS."""
    base, third, past, ing = english.split()
    infinitive, *present, participle = french.split()
    return Verb(base, third, past, ing, infinitive, tuple(present), participle.lstrip("*"), participle.startswith("*"))


def noun(row: str, kind: str) -> Noun:
    """Read a noun of NOUNS."""
    english, french, gender = row.split()
    one, slash, many = english.partition("/")
    return Noun(one, many if slash else one + "s", french, french_plural(french), gender, kind)


def pairs(text: str) -> list[tuple[str, str]]:
    """Read words with their translations, "one,un/two,deux" or "one un, two deux"."""
    rows = [row.split(",") for row in text.split("/")] if "/" in text else [row.split() for row in text.split(", ")]
    return [(english, french) for english, french in rows]


ALL_NOUNS = {kind: [noun(row, kind) for row in rows.split(", ")] for kind, rows in NOUNS.items()}
ALL_VERBS = {row.split()[0]: verb(*row.split(": ")) for row in VERBS.strip().splitlines()}
