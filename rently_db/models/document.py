"""Files, and what they belong to."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, to_many, to_one
from .mixins import HasId
from .types import CreatedAt, LegacyMoment, Moment, ValueSet, one_of, refers_to


class DocumentKind(StrEnum):
    """What a document is."""

    APPLICATION_FORM = "application_form"
    IDENTITY_DOCUMENT = "identity_document"
    INCOME_PROOF = "income_proof"
    LEASE_AGREEMENT = "lease_agreement"
    PROPERTY_VALUATION = "property_valuation"
    LEGAL_NOTICE = "legal_notice"
    COURT_DOCUMENT = "court_document"
    PAYMENT_RECEIPT = "payment_receipt"
    CONTRACT = "contract"
    CORRESPONDENCE = "correspondence"
    OTHER = "other"


class LinkedEntityType(StrEnum):
    """The tables a document can belong to."""

    APPLICATION = "application"
    LOAN = "loan"
    PARTY = "party"
    PAYMENT = "payment"
    DISBURSEMENT = "disbursement"
    COLLECTIONS_EVENT = "collections_event"
    SECURITY_INTEREST = "security_interest"


class Document(HasId, Base):
    """A stored file. One row per file; the file itself is elsewhere."""

    __tablename__ = "document"
    __table_args__ = (
        CheckConstraint("file_size_bytes IS NULL OR file_size_bytes > 0", name="file_size_positive"),
        one_of("kind", DocumentKind),
        {"comment": "A stored file; one row per file. The file itself is at storage_url."},
    )
    business_key = "kind"

    title: Mapped[str] = mapped_column(comment="Title to show. May hold personal data.")
    kind: Mapped[DocumentKind] = mapped_column(ValueSet(DocumentKind), comment="What the document is.")
    storage_url: Mapped[str] = mapped_column(comment="Where the file is stored.")
    uploaded_at: Mapped[LegacyMoment | None] = mapped_column(
        server_default=text("timezone('utc', now())"), comment="Moment of the upload, in UTC. NULL: before v1, unknown."
    )
    file_size_bytes: Mapped[int | None] = mapped_column(BigInteger(), comment="Size of the file in bytes, > 0. NULL: unknown.")
    mime_type: Mapped[str | None] = mapped_column(comment="Media type of the file, e.g. application/pdf.")
    checksum: Mapped[str | None] = mapped_column(comment="Digest of the file, prefixed with its algorithm, e.g. sha256:...")
    expires_at: Mapped[Moment | None] = mapped_column(comment="Moment from which the document no longer proves anything. NULL: never.")

    links: Mapped[list[DocumentLink]] = to_many("document")


class DocumentLink(HasId, Base):
    """That a document belongs to a row of another table. One row per document and target; it goes when the document goes."""

    __tablename__ = "document_link"
    __table_args__ = (
        UniqueConstraint("document_id", "entity_type", "entity_id"),
        one_of("entity_type", LinkedEntityType),
        {"comment": "That a document belongs to a row of another table; one row per document and target."},
    )
    business_key = "entity_type"

    document_id: Mapped[UUID] = mapped_column(refers_to("document", ondelete="CASCADE"), comment="Document; deleting it deletes this row.")
    entity_type: Mapped[LinkedEntityType] = mapped_column(ValueSet(LinkedEntityType), comment="Table that entity_id is an id of.")
    entity_id: Mapped[UUID] = mapped_column(
        comment="Row that the document belongs to; no foreign key, since it may be in one of seven tables."
    )
    role: Mapped[str | None] = mapped_column(comment="What the document is to that row, e.g. signed_copy.")
    created_at: Mapped[CreatedAt]

    document: Mapped[Document] = to_one("links")
