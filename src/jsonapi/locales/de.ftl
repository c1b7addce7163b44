# The same sentences in German, under the same names.

## Of several: a word the client most probably meant; behind any other sentence
did-you-mean = Meinten Sie `{ $word }`?
there-are = Es gibt `{ $words }`.

## The request as a whole
token-missing = Ein Bearer-Token wird benötigt.
token-invalid = Das Bearer-Token ist ungültig.
too-many-requests = Zu viele Anfragen; versuchen Sie es in { $seconds } s wieder.
busy = Der Server ist ausgelastet; bitte versuchen Sie es noch einmal.
failed = Der Server ist auf einen Fehler gestoßen; er wurde protokolliert.
method-not-allowed = `{ $method }` gibt es an dieser URL nicht; möglich: { $allowed }.
not-changeable-here = Was unter dieser URL liegt, lässt sich nicht durch `{ $method }` ändern; versuchen Sie { $allowed }.
nothing-here = Unter `{ $path }` gibt es nichts.
reference-gone = Etwas, worauf sich diese Anfrage bezieht, ist nicht mehr da.
query-too-long = Eine Abfrage (Query-String) hat höchstens { $most } Bytes.
body-too-large = Der Rumpf einer Anfrage hat höchstens { $most } Bytes.
body-late = Der Rumpf kam nicht rechtzeitig an.
body-unreadable = Der Rumpf konnte nicht gelesen werden.
body-broke-off = Der Rumpf brach ab.
body-is-form = Der Rumpf besteht aus den Bytes selbst, nicht aus einem Formular.
body-is-coded = Der Rumpf muss ohne Inhaltskodierung kommen.
bytes-gone = Die Bytes sind nicht mehr da.
range-outside = Es gibt { $size } Bytes; der Bereich liegt außerhalb.

## Media types
not-acceptable = Jedes `{ $type }` in `Accept` hat einen anderen Parameter als `ext` und `profile` oder eine Erweiterung, die diese URL nicht unterstützt.
content-type-missing = `Content-Type` fehlt; es muss `{ $type }` sein.
content-type-one = `Content-Type` muss ein einziger Medientyp sein, `{ $type }`.
content-type-wrong = `Content-Type` muss `{ $type }` sein.
extension-needed = Diese URL braucht `Content-Type: { $type }; ext="{ $extension }"`.
media-parameter-unknown = Der Parameter `{ $name }` des Medientyps ist weder `ext` noch `profile`.
extension-unknown = Die Erweiterung `{ $extension }` wird an dieser URL nicht unterstützt.

## Query parameters
parameter-illegal = `{ $name }` ist kein zulässiger Name für einen Abfrageparameter.
parameter-value = Der Wert von `{ $name }` { $problem-phrase }.
has-nul = enthält das Zeichen U+0000
has-percent = enthält ein `%`, dem keine zwei Hexadezimalziffern folgen; ein Prozentzeichen schreibt man `%25`
not-utf-8 = ist kein UTF-8
parameter-elsewhere = `{ $name }` bedeutet an dieser URL nichts.
parameter-twice = `{ $name }` ist zweimal angegeben.
parameter-unknown = `{ $name }` ist kein Parameter dieser URL.
parameter-fields-only = `{ $name }` ist kein Parameter dieser URL: sie nimmt nur `fields`.

## Sparse fieldsets, include, sort
type-unknown = Es gibt keinen Typ `{ $type }`.
field-set-unknown = `{ $type }` hat kein Feld `{ $name }`.
include-many = Höchstens { $most } Beziehungen können auf einmal eingeschlossen werden.
include-deep = `{ $path }` hat mehr als { $most } Schritte.
include-elsewhere = `{ $path }` beginnt nicht mit `{ $name }`, der Beziehung dieser URL.
include-unknown = `{ $path }` kann nicht eingeschlossen werden: `{ $type }` hat keine einschließbare Beziehung `{ $step }`.
sort-unknown = Nach `{ $name }` lässt sich `{ $type }` nicht sortieren.
sort-many = `{ $name }` nimmt höchstens { $most } Felder.
sort-no-cursor = Nach `{ $name }` lässt sich nicht mit Cursor blättern; nehmen Sie `page[number]`.

## Filters
filter-unknown = `{ $key }` ist kein Filter von `{ $type }`.
operator-unknown = `{ $word }` ist kein Operator; es gibt `{ $words }`.
filter-no-list = `{ $key }` nimmt keine Liste.
filter-no-operator = `{ $key }` nimmt keinen Operator.
filter-no-text = `{ $name }` ist kein Text: darin lässt sich nicht suchen.
filter-long-list = Eine Liste hat höchstens { $most } Werte.
filter-flag = Der Wert ist `1` oder `0`.
filter-wrong = `{ $value }` passt nicht; erwartet wird { $what-phrase }.
no-uuid = `{ $value }` ist keine UUID.
an-instant = ein Zeitpunkt nach RFC 3339
a-flag = `true` oder `false`
a-whole-number = eine ganze Zahl
filter-none-of = `{ $value }` ist keines von `{ $words }`.
filter-needs = Nach `{ $key }` lässt sich nur zusammen mit { $needed-phrase } filtern.
filter-classes = `{ $one }` und `{ $two }` haben verschiedene Typen: sie lassen sich nicht vergleichen.
expression-condition = Hier wird eine Bedingung erwartet, etwa `eq(name,'Ana')`.
expression-no-condition = `{ $word }` ist keine Bedingung: eine Bedingung schreibt sich `eq(name,'Ana')`.
expression-deep = Ein Ausdruck hat höchstens { $most } Ebenen von Klammern.
expression-dear = Die Ausdrücke dieser Anfrage betrachten zu viele verwandte Ressourcen.
expression-flag = `{ $name }` wird mit `true` oder `false` verglichen.
expression-number = `{ $name }` wird mit einer ganzen Zahl ohne Anführungszeichen verglichen.
expression-text = `{ $name }` wird mit einem Text in einfachen Anführungszeichen verglichen.
expression-to-many = `{ $name }` führt zu beliebig vielen Ressourcen: zu sagen ist `any`, `all` oder `count` davon.
expression-to-one = `{ $name }` führt zu höchstens einer Ressource: zu sagen ist `has` davon.

## Pages
page-unknown = `{ $name }` ist kein Seitenparameter; es gibt `{ $words }`.
page-mixed = `{ $name }` passt nicht zu den anderen Seitenparametern.
page-large = Eine Seite hat höchstens { $most } Ressourcen.
page-number = `{ $name }` ist eine ganze Zahl ab { $least }.
page-cursor = `{ $name }` ist kein Cursor dieser Liste in dieser Reihenfolge.
page-total = `page[total]` ist `true` oder `false`, oder bei Cursorn `estimate`.
page-needs = Durch diese Liste wird mit Cursor geblättert, wenn nicht { $needed-phrase } angegeben ist.
page-flag = `{ $name }` ist `true` oder `false`.
page-of-linkage = Das hier ist eine Seite dieser Beziehung: zu sagen ist `page[{ $key }]`.
page-of-included = Eine eingeschlossene Beziehung nimmt kein `{ $key }`: sie beginnt mit der ersten Seite, und `links.next` führt weiter.
path-not-included = Nach `{ $path }` fragt `include` nicht.
included-unlike = `{ $name }` desselben Typs wird auch auf einem anderen Weg eingeschlossen, aber nicht gleich.

## Documents
body-empty = Der Rumpf ist leer; er muss ein JSON:API-Dokument sein.
byte-order-mark = Der Rumpf beginnt mit einer Byte-Reihenfolge-Marke, die JSON nicht erlaubt.
not-json = Der Rumpf ist kein JSON: { $error }.
document-unreadable = Das Dokument kann nicht gelesen werden.
document-no-object = Das Dokument muss ein Objekt sein, nicht { $found-phrase }.
document-without = Das Dokument muss das Mitglied `{ $name }` haben.
member-string = `{ $name }` muss eine Zeichenkette sein, nicht { $found-phrase }.
type-missing = Das Mitglied `type` fehlt.
object-expected = Hier wird ein Objekt erwartet, nicht { $found-phrase }.
resource-without-id = Das Ressourcenobjekt muss eine `id` haben.
relationship-without-data = Eine Beziehung in einer Anfrage muss das Mitglied `data` haben.
linkage-wrong = Verknüpfungen sind null, ein Ressourcenbezeichner oder ein Array davon, nicht { $found-phrase }.
identifier-without-id = Ein Ressourcenbezeichner muss eine `id` oder eine `lid` haben.
attributes-misfit = Die Attribute passen nicht: { $error }.
a-null = null
a-boolean = ein Wahrheitswert
a-number = eine Zahl
a-string = eine Zeichenkette
an-array = ein Array
an-object = ein Objekt
an-integer = eine ganze Zahl mit 64 Bit
or = { $first-phrase } oder { $last-phrase }

## Values of attributes
must-not-be-null = Darf nicht null sein.
must-not-have-nul = Darf das Zeichen U+0000 nicht enthalten.
must-be-not = Muss { $wanted-phrase } sein, nicht { $found-phrase }.
must-be-instant = Muss Datum und Uhrzeit nach RFC 3339 mit Zeitzone sein, etwa `{ $example }`.
must-be-short = Darf höchstens { $most } Zeichen haben.
must-be-between = Muss { $least } bis { $most } Zeichen haben.
must-be-from-to = Muss von { $least } bis { $most } sein.
must-not-be-negative = Darf nicht negativ sein.
must-not-be-blank = Darf nicht leer sein.
must-be-uri = Muss eine absolute URI mit http oder https sein.
must-be-anonymous = Darf vor dem Host keine Benutzerangaben haben.
must-be-uuid = Muss eine UUID sein.
must-be-email = Muss eine E-Mail-Adresse sein.
must-be-emoji = Muss genau ein Emoji sein.
must-be-one-of = Muss { $words-phrase } sein.
must-be-visible-title = Muss ein Zeichen haben, das man sieht; kein Titel heißt null.
must-be-visible-text = Muss ein Zeichen haben, das man sieht; kein Text heißt null.
must-be-file-name = Muss ein Dateiname sein: etwas Sichtbares, ohne Steuerzeichen und Schrägstriche.
must-be-media-type = Muss ein Medientyp sein, etwa `{ $example }`.
must-be-mute-rule = Muss null sein oder nur das Mitglied `until` haben: null für immer, sonst ein Zeitpunkt nach RFC 3339.
not-allowed-value = Der Wert ist nicht erlaubt.
not-allowed = Ist nicht erlaubt.
required = `{ $name }` ist erforderlich.

## Resources in writes
no-such = So etwas (`{ $type }`) gibt es nicht, oder Sie dürfen es nicht sehen.
no-such-at-all = So etwas (`{ $type }`) gibt es nicht.
id-mismatch = Die id ist nicht die in der URL.
back-mismatch = `{ $name }` ist nicht das in der URL.
type-mismatch = Diese URL ist für `{ $type }`, nicht für `{ $sent }`.
client-id-forbidden = Die id eines `{ $type }` vergibt der Server.
id-no-uuid = Die id ist keine UUID.
id-in-use = Diese id ist vergeben.
attribute-unknown = `{ $type }` hat kein Attribut `{ $name }`.
relationship-unknown = `{ $type }` hat keine Beziehung `{ $name }`.
member-unknown = `{ $type }` hat kein Mitglied `{ $name }`.
set-elsewhere = `{ $name }` lässt sich hier nicht setzen: ändern Sie `{ $other }`.
updates-only = `{ $name }` lässt sich erst nachträglich ändern.
not-yours-to-set = Sie dürfen `{ $name }` hier nicht setzen.
create-only = `{ $name }` lässt sich nur beim Anlegen setzen.
server-only = `{ $name }` setzt allein der Server.
relationship-read-only = Diese Beziehung lässt sich nur lesen.
relationship-of-others = Diese Beziehung gehört jemand anderem.
linkage-to-one = `{ $name }` hält eine Ressource oder keine: die Verknüpfung ist kein Array.
linkage-to-many = Die Verknüpfung einer Zu-n-Beziehung ist ein Array.
linkage-type = Diese Beziehung hält `{ $type }`, nicht `{ $sent }`.
no-replacement = `{ $name }` lässt sich nicht ersetzen: fügen Sie Mitglieder über die eigene URL hinzu, und entfernen Sie sie dort.

## Atomic operations
operations-array = `{ $name }` muss ein Array sein, nicht { $found-phrase }.
operations-many = Eine Anfrage hat höchstens { $most } Operationen, nicht { $count }.
operations-none = Es muss mindestens eine Operation geben.
operations-beside = `{ $name }` kann nicht neben `{ $operations }` stehen.
operation-word = `op` muss `add`, `update` oder `remove` sein, nicht `{ $word }`.
operation-without-op = Eine Operation muss das Mitglied `op` haben.
operation-ref-and-href = Eine Operation hat `ref` oder `href`, nicht beides.
ref-without-id = Ein `ref` muss eine `id` oder eine `lid` haben.
ref-with-both = Ein `ref` hat eine `id` oder eine `lid`, nicht beides.
add-to-resource = `add` gilt einer Sammlung oder einer Beziehung, nicht einer Ressource.
update-target = `update` gilt einer Ressource oder einer Beziehung.
remove-target = `remove` gilt einer Ressource oder einer Beziehung.
remove-without-target = `remove` braucht ein `ref` oder ein `href`.
operation-without-data = Die Operation muss das Mitglied `data` haben.
update-without-id = Das Ressourcenobjekt eines `update` muss eine `id` oder eine `lid` haben.
member-name-long = Ein Name hat höchstens { $most } Bytes.
lid-nowhere = Kein `{ $type }` dieses Dokuments hat die lokale Id `{ $lid }`.
lid-unknown = Kein früheres `add` gibt einem `{ $type }` die lokale id `{ $lid }`.
lid-twice = Ein anderer `{ $type }` hat die lokale id `{ $lid }` schon.
operations-slow = So viele Passwortänderungen sind für eine Anfrage zu viel.
operation-reference-gone = Etwas, worauf sich diese Operation bezieht, ist nicht mehr da.
operation-no-add = Keine Operation kann einen `{ $type }` hinzufügen.
operation-no-add-here = Keine Operation kann an dieser URL etwas hinzufügen.
operation-no-update = Keine Operation kann einen `{ $type }` ändern.
operation-no-remove = Keine Operation kann einen `{ $type }` entfernen.
operation-no-replacement = Diese Beziehung lässt sich nicht ersetzen: fügen Sie Mitglieder hinzu, und entfernen Sie welche.
operation-to-one = Eine Zu-1-Beziehung hat keine Mitglieder: ändern Sie sie.
href-foreign = `{ $href }` ist keine URL einer Ressource, einer Sammlung oder einer Beziehung unter `{ $base }`.
href-plain = Ein `href` hat weder Abfrage noch Fragment.

## Users and sessions
wrong-credentials = Kein Konto hat diese E-Mail-Adresse und dieses Passwort.
account-gone = Ihr Konto gibt es nicht mehr.
account-removed-by-others = Nur die Person selbst kann das Konto löschen.
account-changed-by-others = Nur die Person selbst kann das Konto ändern.
sign-up-closed = Hier kann sich niemand selbst anmelden: fragen Sie den Betreiber.
email-taken = Zu dieser E-Mail-Adresse gibt es schon ein Konto.
password-needed = Um `email` oder `password` zu ändern, wird `current_password` benötigt.
password-wrong = Das ist nicht das gegenwärtige Passwort.

## Chats and members
chat-with-oneself = Zu einem Zwiegespräch gehören zwei: das ist Ihre eigene id.
conversation-exists = Sie haben mit dieser Person schon ein Zwiegespräch.
asks-first = Diese Person möchte erst gefragt werden: schicken Sie eine Chat-Anfrage.
some-ask-first = Einige dieser Personen möchten erst gefragt werden oder haben noch nicht zugesagt.
some-gone = Eine dieser Personen gibt es nicht mehr.
group-only = Nur eine Gruppe hat das: dieser Chat ist ein Zwiegespräch.
direct-has-two = Ein Zwiegespräch hat genau ein weiteres Mitglied.
name-the-members = Nennen Sie die anderen Mitglieder; eine Gruppe ohne andere braucht `chat_type` `group`.
group-full = Eine Gruppe hat höchstens { $most } Mitglieder.
admins-only = Das dürfen nur Admins der Gruppe.
direct-keeps-two = Ein Zwiegespräch behält seine beiden Beteiligten.
already-member = Diese Person ist schon Mitglied des Chats.
membership-of-others = Eine Mitgliedschaft ändern nur das Mitglied selbst oder Admins der Gruppe.
last-admin = Der letzte Admin einer Gruppe kann nicht zurücktreten: machen Sie erst jemand anderen zum Admin.
two-pointers = Entweder `{ $one }` oder `{ $other }` bewegt den Lesezeiger, nicht beide zugleich.
read-for-good = Was gelesen ist, kann nicht wieder ungelesen werden.
message-elsewhere = Das ist eine Nachricht eines anderen Chats.
newer-messages = Es gibt neuere Nachrichten als diese.

## Chat requests
request-to-oneself = Eine Anfrage geht an jemand anderen: das ist Ihre eigene id.
request-active = Sie haben mit dieser Person ein laufendes Gespräch.
request-declined = Diese Person hat Ihre Anfrage abgelehnt.
request-exists = Zwischen Ihnen und dieser Person gibt es schon eine Anfrage.
request-answered-by-others = Eine Anfrage kann nur beantworten, wer sie bekommen hat.
request-transition = Eine Anfrage mit `{ $present }` kann nicht `{ $wanted }` werden.
request-sender-gone = Das Konto, von dem die Anfrage kam, gibt es nicht mehr.
request-withdrawn-by-others = Zurückziehen kann eine Anfrage nur, wer sie geschickt hat.
request-answered = Diese Anfrage ist beantwortet: sie lässt sich nicht zurückziehen.

## Messages, reactions, attachments
content-required = `content` ist erforderlich, wo es kein Bild, keinen Link und keinen Anhang gibt.
content-kept = Eine Nachricht behält Text, Bild oder Link; um sie zurückzunehmen, löschen Sie sie.
parent-wrong = Geantwortet wird auf eine Nachricht desselben Chats, die weder gelöscht noch selbst eine Antwort ist.
message-of-others = Eine Nachricht kann nur bearbeiten, wer sie geschrieben hat.
readers-do-not-write = Wer im Chat nur liest, kann nicht hineinschreiben.
deleted-not-edited = Eine gelöschte Nachricht lässt sich nicht bearbeiten.
message-deleted-by-others = Löschen können eine Nachricht nur, wer sie geschrieben hat, und Admins der Gruppe.
message-deleted = Diese Nachricht ist gelöscht.
authors-only = Das darf nur, wer die Nachricht geschrieben hat.
chat-not-active = Der Chat ist nicht aktiv: seine Anfrage wurde nicht angenommen.
chat-closed = Der Chat ist geschlossen.
peer-gone = Das Konto der anderen Person wurde gelöscht.
reaction-exists = Sie haben dieses Emoji schon an die Nachricht gesetzt.
reaction-of-others = Eine Reaktion kann nur wegnehmen, wer sie gesetzt hat.
no-bytes = Von diesem Anhang gibt es keine Bytes.
no-thumbnail = Von diesem Anhang gibt es kein Vorschaubild.
content-exists = Der Inhalt dieses Anhangs ist schon da.
size-mismatch = Der Inhalt hat { $found } Bytes; `size` sagt { $declared }.
media-type-mismatch = Der Inhalt ist `{ $found }`; `mime_type` sagt `{ $declared }`.
upload-large = Ein Upload hat höchstens { $most } Bytes.
attachments-of-others = Anhänge kann nur entfernen, wer die Nachricht geschrieben hat.
attachments-most = Eine Nachricht hat höchstens { $most } Anhänge.

## Conditions and repeated requests
key-word = `{ $header }` ist ein Wort aus 1 bis { $most } sichtbaren ASCII-Zeichen.
key-in-flight = Eine Anfrage mit diesem Schlüssel wird noch ausgeführt; fragen Sie etwas später wieder.
key-of-other = Dieser `{ $header }` gehört zu einer anderen Anfrage: nehmen Sie für jede einen neuen.
tag-old = Das ist nicht mehr, was da ist: holen Sie es, und entscheiden Sie neu.
date-old = Das hat sich seitdem geändert: holen Sie es, und entscheiden Sie neu.
tag-present = Das gibt es schon.

## Expressions in filter
expects-paren = Hier wird `)` erwartet.
expects-comma = Hier wird `,` erwartet.
comparison-begins = Ein Vergleich beginnt mit einem Feld oder einer Anzahl.
count-first = Eine Anzahl steht vorn und wird mit einer Zahl verglichen.
count-number = Eine Anzahl wird mit einer ganzen Zahl bis { $most } verglichen.
path-long = Ein Pfad hat höchstens { $most } Schritte.
expects-value = Hier wird ein Wert erwartet: `'text'`, `3`, `true`, `false` oder `null`.
expression-deep = Ein Ausdruck hat höchstens { $most } Ebenen von Klammern.
expression-over = Hinter dem Ende des Ausdrucks wird nichts erwartet.
null-unordered = Nichts ist größer, kleiner oder ähnlich wie null.
search-quoted = Gesucht werden kann nur nach Text in Anführungszeichen.
expression-long = Die Ausdrücke einer Anfrage haben höchstens { $most } Funktionen.
expression-dear = Die Ausdrücke dieser Anfrage betrachten zu viele verbundene Ressourcen.
expects-field = Hier wird der Name eines Feldes erwartet.
expression-needs = Diese Liste nimmt einen Ausdruck nur zusammen mit { $needed-phrase }.
quote-open = Dieses Anführungszeichen wird nicht geschlossen.
not-comparable = `{ $name }` lässt sich nicht vergleichen.
unbounded = `{ $name }` von `{ $type }` hat keine Grenzen, sodass sich über alle nichts sagen lässt.
relationship-none = `{ $name }` ist keine Beziehung von `{ $type }`.
