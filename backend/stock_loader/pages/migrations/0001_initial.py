from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="StockLoad",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))
            ],
            options={
                "verbose_name": "stock load",
                "verbose_name_plural": "stock loads",
                "permissions": (("view_stockload", "Can view stock loads"),),
                "managed": False,
                "default_permissions": (),
            },
        )
    ]
