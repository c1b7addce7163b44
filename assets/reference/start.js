// Shows the description that this server gives of itself.
window.addEventListener("load", () => {
  window.reference = window.SwaggerUIBundle({
    url: "openapi.json",
    dom_id: "#reference",
    deepLinking: true,
    docExpansion: "none",
    defaultModelsExpandDepth: 0,
    filter: true,
    // The default asks a server elsewhere whether the description is valid.
    validatorUrl: null,
    persistAuthorization: false,
  });
});
