"""Stock files that a person uploads in Django's admin: looked at first, loaded then, by a process of their own."""
