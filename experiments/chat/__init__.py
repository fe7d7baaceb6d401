"""The chatbot of chapter 8: pairs of questions and answers, tokens, training, replies and what they are worth."""
