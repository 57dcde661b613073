"""All tables."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """The first."""

    initial = True

    dependencies = ()

    operations = (
        migrations.CreateModel(
            name="Reader",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("code", models.CharField(max_length=8, unique=True)),
                (
                    "role",
                    models.CharField(
                        choices=[("reader", "Reader"), ("consensus", "Consensus"), ("lead", "Lead")], max_length=16
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(null=True)),
                ("link", models.CharField(max_length=40, unique=True)),
                ("failed_logins", models.PositiveSmallIntegerField(default=0)),
                ("invited_at", models.DateTimeField(null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sequence", models.PositiveBigIntegerField(unique=True)),
                ("at", models.CharField(max_length=40)),
                ("actor", models.CharField(max_length=16)),
                ("action", models.CharField(max_length=32)),
                ("payload", models.TextField()),
                ("previous_hash", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Patient",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=16, unique=True)),
                ("region", models.CharField(max_length=16)),
                ("disease", models.CharField(max_length=32)),
                ("truth", models.CharField(max_length=32, null=True)),
                ("is_training", models.BooleanField()),
            ],
        ),
        migrations.CreateModel(
            name="Study",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("protocol", models.TextField()),
                ("protocol_sha256", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField()),
                ("locked_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Assignment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("period", models.PositiveSmallIntegerField()),
                ("position", models.PositiveIntegerField()),
                ("is_repeat", models.BooleanField()),
                ("token", models.CharField(max_length=40, unique=True)),
                (
                    "reader",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("wall_clarity", models.PositiveSmallIntegerField()),
                ("lumen_edge_clarity", models.PositiveSmallIntegerField()),
                ("lumen_wall_contrast", models.PositiveSmallIntegerField()),
                ("diagnosis", models.CharField(max_length=32)),
                ("confidence", models.PositiveSmallIntegerField()),
                ("origin", models.CharField(default="", max_length=16)),
                ("active_seconds", models.PositiveIntegerField()),
                ("submitted_at", models.DateTimeField()),
                (
                    "assignment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="answer", to="reading.assignment"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Scan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("arm", models.CharField(max_length=8)),
                ("volume", models.CharField(max_length=40, unique=True)),
                ("spacing_mm", models.JSONField()),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="scans", to="reading.patient"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ConsensusCase",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token", models.CharField(max_length=40, unique=True)),
                (
                    "scan",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="consensus_case", to="reading.scan"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Consensus",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("item", models.CharField(max_length=32)),
                ("value", models.CharField(max_length=32)),
                ("decided_at", models.DateTimeField()),
                (
                    "scan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="consensus", to="reading.scan"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="assignment",
            name="scan",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="assignments", to="reading.scan"
            ),
        ),
        migrations.CreateModel(
            name="Viewing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("opened_at", models.DateTimeField()),
                ("active_seconds", models.PositiveIntegerField(default=0)),
                ("screen", models.CharField(default="", max_length=64)),
                ("renderer", models.CharField(default="", max_length=16)),
                ("draft", models.JSONField(default=dict)),
                (
                    "assignment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="viewing", to="reading.assignment"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="scan",
            constraint=models.UniqueConstraint(fields=("patient", "arm"), name="one_scan_per_arm"),
        ),
        migrations.AddConstraint(
            model_name="consensus",
            constraint=models.UniqueConstraint(fields=("scan", "item"), name="one_consensus_per_item"),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.UniqueConstraint(fields=("reader", "position"), name="one_case_at_a_time"),
        ),
    )
