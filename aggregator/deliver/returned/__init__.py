"""What comes back: mails that did not get through, and complaints; told apart, and counted once."""
