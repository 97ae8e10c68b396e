from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    operations = [
        migrations.CreateModel(
            "Product",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code1c", models.CharField(max_length=100, unique=True)),
                ("article", models.CharField(max_length=100, unique=True)),
                ("qty", models.DecimalField(decimal_places=3, max_digits=12, null=True)),
            ],
        )
    ]
