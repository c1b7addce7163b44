DROP TABLE chat_requests;
