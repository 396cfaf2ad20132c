"""Settings, by environment variables `DIARY_…` only; the same names in the demo and in the cluster."""

from datetime import date, time
from typing import Literal

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting of every service. docs/operations/settings.md lists them; a test keeps it complete."""

    model_config = SettingsConfigDict(env_prefix="DIARY_", frozen=True)

    environment: Literal["production", "demo", "test"] = Field(
        "production", description="demo and test allow demo settings"
    )
    postgres: str = Field(
        "postgresql://127.0.0.1:5432", description="server, with options but without user and database"
    )
    postgres_password: SecretStr = Field(SecretStr(""), description="password of this process's database role")
    postgres_admin: SecretStr = Field(
        SecretStr(""), description="conninfo of a superuser; only for `migrate` with --create"
    )
    kafka: str = Field("127.0.0.1:9092", description="bootstrap servers, comma-separated")
    kafka_ca: str = Field(
        "", description="file of the authority that signed the brokers' certificates (PEM); empty: no TLS"
    )
    kafka_certificate: str = Field("", description="file of this service's own certificate for the brokers (PEM)")
    kafka_key: str = Field("", description="file of its private key, if it is not in the same one")
    encrypted_outside: bool = Field(
        False, description="true: a mesh encrypts what goes to PostgreSQL and Kafka, so production starts without TLS"
    )
    keyring_master: SecretStr = Field(
        SecretStr(""), description="base64 of the 32-byte key that wraps persons' keys; several, newest last"
    )
    keyring_password: SecretStr = Field(
        SecretStr(""),
        description="password of `keyring_api`, the same for all services; empty: DIARY_POSTGRES_PASSWORD",
    )
    keyring_eraser_password: SecretStr = Field(
        SecretStr(""),
        description="password of `keyring_eraser`, which may destroy keys; give it to roster and identity only",
    )
    audit_folder: str = Field(
        "", description="folder on another disk or machine that keeps signed checkpoints of the stores; empty: none"
    )
    audit_key: SecretStr = Field(SecretStr(""), description="PEM of the Ed25519 key that signs them; for relays only")
    audit_public_key: str = Field("", description="PEM of its public half, or of the one before, for `audit verify`")
    host: str = Field("127.0.0.1", description="address the API listens on")
    port: int = Field(8000, ge=0, le=65535, description="port the API listens on")
    public_url: str = Field("http://127.0.0.1:8000", description="the one origin that browsers see (the portal's)")
    services: str = Field("", description="name=url of each service's API, comma-separated; the portal proxies to them")
    token_keys: str = Field("", description="JWKS addresses whose tokens are trusted, comma-separated")
    portal_key: SecretStr = Field(SecretStr(""), description="PEM of the portal's ES256 signing key")
    identity_key: SecretStr = Field(SecretStr(""), description="PEM of identity's ES256 signing key")
    identity_url: str = Field("", description="issuer address of identity, as browsers reach it")
    portal_client_secret: SecretStr = Field(SecretStr(""), description="OpenID client secret of the portal")
    operator_client_secret: SecretStr = Field(
        SecretStr(""), description="secret of the machine client `operator`; empty: none"
    )
    smtp: str = Field("", description="host:port of the SMTP server; empty: e-mail is held back")
    smtp_sender: str = Field("diary@localhost", description="From address of notices")
    language: Literal["ru", "en"] = Field("ru", description="language of letters")
    school_today: date | None = Field(None, description="demo only: the day at which the school's calendar starts")
    school_time: time | None = Field(None, description="with it: the school's local time at that start, HH:MM")
    otlp: str = Field("", description="OTLP/HTTP endpoint for traces; empty: none are exported")

    @model_validator(mode="after")
    def _production_encrypts_what_it_sends(self) -> "Settings":
        if self.environment != "production" or self.encrypted_outside:
            return self
        if "sslmode=verify-" not in self.postgres:
            raise ValueError("DIARY_POSTGRES lacks sslmode=verify-full: people's data would go in clear text")
        if not self.kafka_ca:
            raise ValueError("DIARY_KAFKA_CA is missing: events would go in clear text")
        return self

    @model_validator(mode="after")
    def _demo_settings_stay_in_the_demo(self) -> "Settings":
        if self.environment == "production" and self.school_today is not None:
            raise ValueError("DIARY_SCHOOL_TODAY is for the demo: a production start refuses it")
        if self.school_time is not None and self.school_today is None:
            raise ValueError("DIARY_SCHOOL_TIME goes with DIARY_SCHOOL_TODAY")
        return self
