"""Floor 2: tasks, models, protocols, and what is measured along the way."""
