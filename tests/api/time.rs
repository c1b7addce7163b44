//! What time does: sessions end.

use crate::support::app::TestApp;
use crate::support::on_both_databases;
use serde_json::json;

on_both_databases![a_session_ends_thirty_days_after_its_last_use, a_mute_rule_that_has_ended_reads_as_none];

async fn a_session_ends_thirty_days_after_its_last_use(app: &TestApp) {
    let anna = app.user("anna").await;
    app.as_user(&anna).get("/chats").await.assert_status(200);

    app.execute("UPDATE sessions SET expires_at = 0", "UPDATE sessions SET expires_at = 'epoch'");

    app.as_user(&anna).get("/chats").await.assert_status(401);
    let again = app.sign_in(&anna.email, crate::support::app::PASSWORD).await.assert_status(201);
    let lives = instant(again.attribute("expires_at")) - instant(again.attribute("created_at"));
    assert_eq!(lives.num_days(), 30);
}

async fn a_mute_rule_that_has_ended_reads_as_none(app: &TestApp) {
    let anna = app.user("anna").await;
    let client = app.as_user(&anna);
    let document = json!({ "data": { "type": "chat", "attributes": { "chat_type": "group" } } });
    let group = client.post("/chats", &document).await.assert_status(201).id();
    let id = client.get("/chat_memberships").await.ids().remove(0);
    let soon = (chrono::Utc::now() + chrono::TimeDelta::milliseconds(400)).to_rfc3339();
    let attributes = json!({ "mute_rule": { "until": soon } });
    let document = json!({ "data": { "type": "chat_membership", "id": id, "attributes": attributes } });
    let muted = client.patch(&format!("/chat_memberships/{id}"), &document).await.assert_status(200);
    assert_eq!(*muted.attribute("muted"), true);

    tokio::time::sleep(std::time::Duration::from_millis(450)).await;

    let read = client.get(&format!("/chat_memberships/{id}")).await;
    assert_eq!((read.attribute("muted"), read.attribute("mute_rule")), (&json!(false), &json!(null)));
    assert_eq!(*client.get(&format!("/chats/{group}")).await.attribute("muted"), false);
    assert_eq!(client.get("/chats?filter[muted]=true").await.ids().len(), 0);
}

fn instant(value: &serde_json::Value) -> chrono::DateTime<chrono::FixedOffset> {
    let text = value.as_str().unwrap_or_default();
    chrono::DateTime::parse_from_rfc3339(text).unwrap_or_else(|e| panic!("{value}: {e}"))
}
