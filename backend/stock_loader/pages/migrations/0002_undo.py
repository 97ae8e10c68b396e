import django.core.serializers.json
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stock_pages", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="StockUndo",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("user_name", models.CharField(max_length=150, verbose_name="asked by")),
                ("loaded_by", models.CharField(blank=True, default="", max_length=150, verbose_name="confirmed by")),
                ("language", models.CharField(blank=True, default="", max_length=20)),
                ("folder", models.CharField(max_length=40, unique=True)),
                (
                    "preview",
                    models.JSONField(blank=True, default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder),
                ),
                ("preview_session", models.BigIntegerField(blank=True, null=True, verbose_name="preview")),
                ("is_forced", models.BooleanField(default=False, verbose_name="in spite of the limits")),
                ("load_session", models.BigIntegerField(blank=True, null=True, verbose_name="load")),
                ("result", models.TextField(blank=True, default="", verbose_name="result")),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="asked at")),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="changed at")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("to_preview", "Waiting to be looked at"),
                            ("previewing", "Being looked at"),
                            ("previewed", "Looked at, nothing is undone yet"),
                            ("to_load", "Waiting to be undone"),
                            ("loading", "Undoing"),
                            ("done", "Undone"),
                            ("failed", "Failed"),
                            ("removed", "Given up, nothing was undone"),
                        ],
                        db_index=True,
                        default="to_preview",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("session", models.BigIntegerField(db_index=True, verbose_name="session")),
                ("is_relative", models.BooleanField(default=False, verbose_name="takes differences back")),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.AlterModelOptions(
            name="stockload",
            options={
                "default_permissions": (),
                "managed": False,
                "permissions": (
                    ("view_stockload", "Can view stock loads"),
                    ("undo_stockload", "Can undo stock loads"),
                    ("force_undo", "Can undo stock loads in spite of the limits"),
                ),
                "verbose_name": "stock load",
                "verbose_name_plural": "stock loads",
            },
        ),
    ]
