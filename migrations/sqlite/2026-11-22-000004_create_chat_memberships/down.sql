DROP TABLE chat_memberships;
