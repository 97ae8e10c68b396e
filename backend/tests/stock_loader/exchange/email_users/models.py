"""Users of a shop who sign in with their address; they have no user name."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models


class Person(AbstractBaseUser, PermissionsMixin):
    email = models.EmailField(unique=True)
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "email"
    objects: ClassVar[BaseUserManager[Any]] = BaseUserManager()

    class Meta:
        app_label = "email_users"

    def __str__(self) -> str:
        return self.email
