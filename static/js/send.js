// Sends the form that carries an answer to the application, without waiting for the button.

document.querySelector("[data-send]").requestSubmit();
