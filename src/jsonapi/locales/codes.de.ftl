# Titles of errors in German, and what the pages on error codes say.

code-unauthorized =
    .title = Anmeldung erforderlich
    .meaning = Die Anfrage hat kein gültiges Bearer-Token.
    .occurs = Der Header `Authorization` fehlt oder hat ein anderes Schema, das Token ist abgelaufen oder widerrufen, oder sein Konto gibt es nicht mehr.
    .remedy = Melden Sie sich mit `POST /sessions` an, und schicken Sie `Authorization: Bearer` mit dem Token, das in der Antwort in `meta.token` und im Header `Authorization` steht.

code-invalid-credentials =
    .title = Falsche Anmeldedaten
    .meaning = E-Mail-Adresse und Passwort gehören nicht zusammen.
    .occurs = Bei `POST /sessions`, bei unbekannter Adresse wie bei falschem Passwort: was von beidem es war, wird nicht verraten.
    .remedy = Prüfen Sie beides. Groß- und Kleinschreibung zählt im Passwort, nicht in der Adresse.

code-forbidden =
    .title = Nicht erlaubt
    .meaning = Die Ressource ist da und für Sie sichtbar, aber das dürfen Sie damit nicht tun.
    .occurs = Wenn eine andere Rolle nötig ist, wenn sie jemand anderem gehört oder wenn niemand sie so ändern darf.
    .remedy = Lesen Sie das Detail: es sagt, wer es darf. Was Sie gar nicht sehen dürfen, wird stattdessen mit `not_found` beantwortet.

code-field-read-only =
    .title = Nur lesbares Feld
    .meaning = Das Dokument setzt ein Feld, das diese Anfrage nicht auf einen anderen Wert setzen kann.
    .occurs = Wenn ein Client ändert, was der Server führt, was nur beim Anlegen gegeben wird oder was eine andere Ressource hält.
    .remedy = Lassen Sie das Feld weg, oder schicken Sie den gegenwärtigen Wert: er wird übergangen. Wo das Detail eine andere Beziehung nennt, ändern Sie die Ressource, zu der sie führt.

code-client-id-forbidden =
    .title = Eigene id nicht angenommen
    .meaning = Ressourcen dieses Typs bekommen ihre id vom Server.
    .occurs = Wenn ein Dokument, das eine anlegt, eine `id` hat.
    .remedy = Lassen Sie `id` weg, oder schicken Sie `null`; eine `lid` ist in Ordnung.

code-chat-request-required =
    .title = Chat-Anfrage erforderlich
    .meaning = Jemand möchte gefragt werden, bevor man schreibt.
    .occurs = Wenn ein Chat mit einer Person begonnen oder eine Gruppe um sie erweitert wird, deren `direct_message_policy` `request` ist und die nicht zugesagt hat.
    .remedy = Schicken Sie `POST /chat_requests` mit ihrer `user_id`, und warten Sie auf die Zusage. Bei Gruppen nennt `meta.user_ids`, wer zu fragen ist.

code-password-required =
    .title = Gegenwärtiges Passwort erforderlich
    .meaning = Für diese Änderung wird das gegenwärtige Passwort benötigt, oder das geschickte ist falsch.
    .occurs = Wenn sich `email` oder `password` einer Person ändert.
    .remedy = Schicken Sie es als `current_password` im selben Dokument mit.

code-not-found =
    .title = Nicht gefunden
    .meaning = Hier gibt es nichts, was Sie sehen dürfen.
    .occurs = Wenn die URL nirgends hinführt, wenn eine Ressource nicht existiert, gelöscht oder vor Ihnen verborgen ist, und wenn ein Dokument auf eine solche verweist. Was davon zutrifft, wird nicht verraten.
    .remedy = Prüfen Sie URL und id, und ob Sie noch Mitglied des Chats sind. Folgen Sie lieber den Links der Antworten, als URLs zusammenzusetzen.

code-method-not-allowed =
    .title = Methode nicht erlaubt
    .meaning = Die URL gibt es, aber sie nimmt diese Methode nicht.
    .occurs = Bei `PUT` statt `PATCH`, oder wo sich Ressourcen nicht anlegen oder löschen lassen.
    .remedy = Nehmen Sie eine der Methoden aus dem Header `Allow` der Antwort.

code-not-acceptable =
    .title = Nicht annehmbar
    .meaning = Der Client nimmt JSON:API nur mit Parametern an, die der Server nicht kennt.
    .occurs = Wenn jedes `application/vnd.api+json` in `Accept` einen anderen Parameter als `ext` und `profile` oder eine unbekannte Erweiterung hat.
    .remedy = Schicken Sie `Accept: application/vnd.api+json`, ohne `charset` und dergleichen.

code-type-mismatch =
    .title = Falscher Ressourcentyp
    .meaning = Der `type` des Ressourcenobjekts ist nicht der dieser URL.
    .occurs = Oft, wenn ein Client Typen in die Mehrzahl setzt: Typen stehen hier in der Einzahl (`user`), URLs in der Mehrzahl (`/users`).
    .remedy = Schicken Sie den Typ, den das Detail nennt.

code-id-mismatch =
    .title = Falsche id
    .meaning = Die `id` im Dokument ist nicht die in der URL.
    .occurs = Wenn eine Ressource mit dem Dokument einer anderen geändert wird, oder eine Mitgliedschaft einen anderen Chat als ihre URL nennt.
    .remedy = Schicken Sie das Dokument an `links.self` seiner eigenen Ressource.

code-id-taken =
    .title = id vergeben
    .meaning = Die vom Client vergebene id ist in Gebrauch.
    .occurs = Wenn eine Ressource zweimal mit derselben `id` angelegt wird, oder durch eine unglückliche Wahl.
    .remedy = War es Ihre eigene Wiederholung, führt `meta.id` zur Ressource; sonst nehmen Sie eine andere UUID.

code-already-exists =
    .title = Ressource gibt es schon
    .meaning = So eine Ressource gibt es schon, und es kann nur eine geben.
    .occurs = Wenn ein Zwiegespräch, eine Reaktion oder eine offene Chat-Anfrage mit einer id des Clients noch einmal angelegt wird.
    .remedy = Nehmen Sie die Ressource, die `meta.id` nennt. Ohne eigene `id` wird dieselbe Anfrage mit dieser Ressource beantwortet.

code-already-member =
    .title = Schon Mitglied
    .meaning = Die Person ist schon Mitglied des Chats.
    .occurs = Wenn eine Mitgliedschaft für jemanden angelegt wird, der eine hat.
    .remedy = Es ist nichts zu tun; `meta.id` ist, wo angegeben, die bestehende Mitgliedschaft.

code-email-taken =
    .title = E-Mail-Adresse vergeben
    .meaning = Zu dieser E-Mail-Adresse gibt es ein Konto; Groß- und Kleinschreibung zählt nicht.
    .occurs = Bei der Registrierung oder wenn eine Adresse geändert wird.
    .remedy = Melden Sie sich mit jenem Konto an, oder nehmen Sie eine andere Adresse.

code-read-conflict =
    .title = Neuere Nachrichten vorhanden
    .meaning = Die Nachricht, bis zu der gelesen sein soll, ist nicht mehr die neueste.
    .occurs = Wenn eine Nachricht ankam, nachdem der Client den Chat geholt hatte.
    .remedy = Holen Sie die neueren Nachrichten, zeigen Sie sie, und setzen Sie die neueste davon.

code-chat-not-active =
    .title = Chat nicht aktiv
    .meaning = In diesen Chat kann niemand schreiben: seine Anfrage ist offen oder abgelehnt.
    .occurs = Wenn eine Nachricht, Reaktion oder Datei in einen Chat geht, dessen `status` nicht `active` ist.
    .remedy = Warten Sie, bis die Anfrage angenommen ist.

code-chat-closed =
    .title = Chat geschlossen
    .meaning = Die Gruppe nimmt keine Nachrichten mehr an.
    .occurs = Wenn ein Admin `open` auf `false` gesetzt hat.
    .remedy = Bitten Sie einen Admin der Gruppe, sie zu öffnen.

code-peer-gone =
    .title = Die andere Person ist weg
    .meaning = Die andere Person hat ihr Konto gelöscht.
    .occurs = Wenn in ein solches Zwiegespräch geschrieben oder die Anfrage einer solchen Person beantwortet wird.
    .remedy = Das Geschriebene lässt sich weiter lesen, aber nichts kommt hinzu.

code-request-closed =
    .title = Chat-Anfrage abgeschlossen
    .meaning = Die Chat-Anfrage kann diesen Schritt nicht mehr tun.
    .occurs = Wenn sie beantwortet ist, wenn dieselbe Person sie nach einer Absage noch einmal schickt, oder wenn beide schon im Gespräch sind.
    .remedy = Holen Sie die Anfrage: ihr `status` sagt, wie es steht. Wer abgelehnt hat, kann noch zusagen.

code-last-admin =
    .title = Letzter Admin des Chats
    .meaning = Eine Gruppe behält mindestens einen Admin.
    .occurs = Wenn der einzige Admin zurücktritt, geht oder entfernt wird, während es andere Mitglieder gibt.
    .remedy = Machen Sie erst jemand anderen zum Admin.

code-message-deleted =
    .title = Nachricht gelöscht
    .meaning = Von der Nachricht ist nur noch ein Grabstein da.
    .occurs = Wenn eine gelöschte Nachricht bearbeitet wird, eine Reaktion oder eine Datei bekommt.
    .remedy = Holen Sie die Nachricht: `deleted` ist `true`.

code-content-exists =
    .title = Inhalt schon hochgeladen
    .meaning = Die Bytes dieses Anhangs sind angekommen, und Bytes ändern sich nie.
    .occurs = Wenn nach einem erfolgreichen Upload noch einmal `PUT` geschickt wird.
    .remedy = Nehmen Sie, was da ist, oder legen Sie einen anderen Anhang an.

code-idempotency-in-flight =
    .title = Erste Anfrage läuft noch
    .meaning = Eine Anfrage mit demselben `Idempotency-Key` wird gerade ausgeführt.
    .occurs = Wenn ein Client es noch einmal versucht, bevor der erste Versuch beantwortet ist.
    .remedy = Warten Sie kurz, und schicken Sie dieselbe Anfrage wieder: sie bekommt die Antwort der ersten.

code-precondition-failed =
    .title = Bedingung nicht erfüllt
    .meaning = Die Ressource ist nicht in der Fassung, die der Client kennt.
    .occurs = Wenn `If-Match` ein altes ETag nennt, weil jemand die Ressource geändert hat, oder `If-None-Match` eines findet.
    .remedy = Holen Sie die Ressource, wenden Sie die Änderung darauf an, und schicken Sie das neue `ETag`.

code-too-large =
    .title = Anfrage zu groß
    .meaning = Rumpf oder Abfrage sind länger, als der Server annimmt, oder enthalten zu viele Operationen.
    .occurs = Wo die Grenze überschritten ist, die das Detail nennt.
    .remedy = Schicken Sie weniger auf einmal; Dateien gehören an die `content`-URL eines Anhangs, nicht in Dokumente.

code-unsupported-media-type =
    .title = Medientyp nicht unterstützt
    .meaning = Der Rumpf hat nicht den Medientyp, den diese URL nimmt.
    .occurs = Wenn `Content-Type` fehlt, ein anderer wie `application/json` ist oder einen anderen Parameter als `ext` und `profile` hat.
    .remedy = Schicken Sie `Content-Type: application/vnd.api+json`; Operationen brauchen dahinter `ext="https://jsonapi.org/ext/atomic"`.

code-range-not-satisfiable =
    .title = Bereich nicht erfüllbar
    .meaning = Kein Byte der Datei liegt im verlangten Bereich.
    .occurs = Wenn `Range` hinter dem Ende beginnt.
    .remedy = `Content-Range` der Antwort hat die Größe; fragen Sie nach einem Teil davon.

code-self-conversation =
    .title = Gespräch mit sich selbst
    .meaning = Zu einem Gespräch gehören zwei verschiedene Personen.
    .occurs = Wenn `user_id` die eigene id ist.
    .remedy = Nennen Sie jemand anderen.

code-field-required =
    .title = Pflichtfeld fehlt
    .meaning = Dem Dokument fehlt ein Feld, das gebraucht wird.
    .occurs = Wenn eine Ressource ohne es angelegt wird; der Zeiger führt zum nächsten vorhandenen Teil, und `meta.attribute` hat den Namen.
    .remedy = Ergänzen Sie das Feld.

code-field-invalid =
    .title = Ungültiges Feld
    .meaning = Der Wert eines Feldes ist nicht erlaubt.
    .occurs = Wenn er den falschen JSON-Typ, die falsche Form, Länge oder den falschen Inhalt hat; der Zeiger führt zu ihm.
    .remedy = Schicken Sie einen Wert, wie ihn das Detail beschreibt. Alle Probleme eines Dokuments werden auf einmal gemeldet.

code-field-unknown =
    .title = Unbekanntes Feld
    .meaning = Der Typ hat kein Attribut und keine Beziehung dieses Namens.
    .occurs = Oft bei anderer Schreibweise: Namen stehen hier in snake_case.
    .remedy = Nehmen Sie den Namen, den das Detail vorschlägt, oder lassen Sie das Feld weg.

code-message-not-in-chat =
    .title = Nachricht eines anderen Chats
    .meaning = Die genannte Nachricht gehört zu einem anderen Chat als die Mitgliedschaft.
    .occurs = Wenn `last_read_message` gesetzt wird.
    .remedy = Nennen Sie eine Nachricht desselben Chats.

code-parent-invalid =
    .title = Ungültige Ausgangsnachricht
    .meaning = Auf die Nachricht lässt sich nicht antworten.
    .occurs = Wenn sie in einem anderen Chat steht, gelöscht oder selbst eine Antwort ist: Fäden sind eine Ebene tief.
    .remedy = Antworten Sie auf die Nachricht, die den Faden begann.

code-idempotency-mismatch =
    .title = Idempotenz-Schlüssel anderweitig benutzt
    .meaning = Der `Idempotency-Key` wurde für eine andere Anfrage benutzt.
    .occurs = Wenn Methode, Pfad, Abfrage, Medientyp oder Rumpf von denen der ersten Anfrage abweichen.
    .remedy = Nehmen Sie für jede neue Anfrage einen neuen Schlüssel.

code-rate-limited =
    .title = Zu viele Anfragen
    .meaning = Der Client schickt mehr, als der Server zulässt.
    .occurs = Wenn eine Adresse in einer Minute zu viel schickt oder sich in kurzer Zeit zu oft anmeldet oder registriert.
    .remedy = Warten Sie die Sekunden, die `Retry-After` nennt.

code-include-unknown =
    .title = Unbekannter Include-Pfad
    .meaning = `include` nennt einen Pfad, der sich nicht einschließen lässt.
    .occurs = Wenn es eine Beziehung nicht gibt, wenn sie sich nicht einschließen lässt oder der Pfad zu tief ist. Lange Listen wie die Nachrichten eines Chats haben eigene URLs.
    .remedy = Nehmen Sie den Pfad, den das Detail vorschlägt, oder folgen Sie `links.related` der Beziehung.

code-field-set-unknown =
    .title = Unbekannte Feldauswahl
    .meaning = `fields[…]` nennt einen Typ oder ein Feld, das es nicht gibt.
    .occurs = Oft bei einem Typ in der Mehrzahl: Typen stehen hier in der Einzahl.
    .remedy = Nehmen Sie den Namen, den das Detail vorschlägt.

code-sort-unknown =
    .title = Unbekanntes Sortierfeld
    .meaning = `sort` nennt ein Feld, nach dem sich die Liste nicht sortieren lässt.
    .occurs = Wenn es das Feld nicht gibt, wenn es je nach Betrachter anders ist oder sich nicht mit Cursor blättern lässt.
    .remedy = Nehmen Sie das Feld, das das Detail vorschlägt; `-` davor heißt absteigend.

code-filter-unknown =
    .title = Unbekannter Filter
    .meaning = `filter[…]` nennt einen Filter oder Operator, den es nicht gibt.
    .occurs = Wenn ein Name falsch geschrieben ist oder sich nicht danach filtern lässt.
    .remedy = Nehmen Sie den Namen, den das Detail vorschlägt.

code-filter-invalid =
    .title = Ungültiger Filterwert
    .meaning = Der Wert eines Filters passt nicht.
    .occurs = Wenn eine id, ein Zeitpunkt, eine Zahl oder ein Wort erwartet und etwas anderes gegeben wird, oder wenn ein Filter einen anderen neben sich braucht. Listen haben einen Operator: `filter[id]=in:a,b`.
    .remedy = Schicken Sie einen Wert, wie ihn das Detail beschreibt.

code-page-invalid =
    .title = Ungültiger Seitenparameter
    .meaning = Ein Seitenparameter ist unbekannt, außerhalb seiner Grenzen oder passt nicht zu den anderen.
    .occurs = Wenn `page[size]` zu groß, eine Zahl keine oder ein Cursor keiner dieser Liste ist, oder wenn Arten des Blätterns gemischt sind.
    .remedy = Folgen Sie `links.next` und `links.prev`. Ein Cursor gehört zu dem Filter und der Reihenfolge, für die er gemacht ist.

code-parameter-unknown =
    .title = Unbekannter Abfrageparameter
    .meaning = Die Abfrage hat einen Parameter, der an dieser URL nichts bedeutet.
    .occurs = Wenn er falsch geschrieben, doppelt oder für eine andere Art von URL gedacht ist: `filter`, `sort` und `page` sind für Listen.
    .remedy = Lassen Sie ihn weg, oder nehmen Sie den Namen, den das Detail vorschlägt.

code-json-invalid =
    .title = Ungültiges JSON
    .meaning = Der Rumpf ist kein JSON.
    .occurs = Wenn er leer, abgeschnitten oder kein UTF-8 ist, oder an der Stelle, die das Detail nennt, einen Fehler hat.
    .remedy = Schicken Sie das Dokument so, wie eine JSON-Bibliothek es schreibt.

code-document-invalid =
    .title = Ungültiges JSON:API-Dokument
    .meaning = Der Rumpf ist JSON, aber kein JSON:API-Dokument für diese Anfrage.
    .occurs = Wenn `data` fehlt oder von falscher Art ist, oder wenn Ressourcenobjekt, Beziehung oder Verknüpfung nicht so gebaut sind, wie JSON:API es verlangt.
    .remedy = Berichtigen Sie, worauf der Zeiger zeigt.

code-internal =
    .title = Interner Fehler
    .meaning = Der Server hat einen Fehler; am Client liegt es nicht.
    .occurs = Nie, wenn alles gut geht. Die Ursache steht im Protokoll des Servers.
    .remedy = Versuchen Sie es später wieder, und sagen Sie es den Betreibern.

code-unavailable =
    .title = Vorübergehend nicht verfügbar
    .meaning = Der Server kann gerade nicht antworten.
    .occurs = Wenn die Datenbank ausgelastet oder nicht zu erreichen ist.
    .remedy = Warten Sie die Sekunden, die `Retry-After` nennt, und schicken Sie dieselbe Anfrage wieder.

code-header-invalid =
    .title = Ungültiger Header
    .meaning = Ein Header der Anfrage hat nicht die Form, die er haben muss.
    .occurs = Bei einem `Idempotency-Key`, der leer, zu lang oder doppelt ist oder Leerzeichen enthält.
    .remedy = Schicken Sie den Header so, wie ihn das Detail beschreibt.
