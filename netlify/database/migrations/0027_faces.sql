-- For the handler `faces`. Names are here and at Cloudinary, as tags; Rekognition knows people and pictures by random ids only.

create table face_people (
  id         uuid primary key default gen_random_uuid(),
  -- As in the tag, in Unicode form NFC.
  name       text not null unique,
  -- The user at Rekognition. Null: without a training picture.
  user_id    uuid unique,
  created_at timestamptz not null default now()
);

-- Training pictures, and what is indexed of them.
create table face_trainings (
  asset_id      text primary key,
  public_id     text not null,
  resource_type text not null,
  delivery_type text not null,
  version       bigint not null,
  secure_url    text,
  -- Null: its tags name nobody, or several people.
  person_id     uuid references face_people (id),
  -- pending, indexed, rejected
  state         text not null default 'pending',
  -- Why it is rejected.
  problem       text,
  -- Sent with IndexFaces, so that a face whose answer was lost is found again. Set with `indexing_at` before the call.
  external_id   uuid not null default gen_random_uuid(),
  indexing_at   timestamptz,
  face_id       uuid,
  box           jsonb,
  updated_at    timestamptz not null default now()
);
create index face_trainings_person on face_trainings (person_id);

-- Pictures in which people were looked for.
create table face_pictures (
  asset_id      text primary key,
  public_id     text not null,
  resource_type text not null,
  delivery_type text not null,
  version       bigint not null,
  secure_url    text,
  -- pending: not all faces are looked up yet; done; unreadable
  state         text not null default 'pending',
  problem       text,
  -- [{box, outcome, person, similarity, sharpness}]
  faces         jsonb not null default '[]',
  looked_at     timestamptz not null default now(),
  -- `webhooks faces rerun` asked for another look; the lease of the worker that takes it.
  rerun_at      timestamptz,
  lease_until   timestamptz,
  rerun_tries   int not null default 0
);
create index face_pictures_rerun on face_pictures (rerun_at) where rerun_at is not null;

-- The tags that this receiver added. Written before the call, whose answer can be lost.
create table face_tags (
  asset_id  text not null,
  person_id uuid not null references face_people (id),
  tag       text not null,
  added_at  timestamptz,
  primary key (asset_id, person_id)
);
create index face_tags_person on face_tags (person_id);

-- Requests to forget somebody.
create table face_forgettings (
  id           uuid primary key default gen_random_uuid(),
  who          text not null,
  reason       text,
  -- Salted with the id: finds a request that is still open when it is repeated, and names nobody.
  name_sha256  text not null,
  counts       jsonb not null default '{}',
  requested_at timestamptz not null default now(),
  finished_at  timestamptz
);

-- What is still to be removed at Rekognition and Cloudinary; a row is deleted when that is done.
create table face_removals (
  id            bigint generated always as identity primary key,
  -- face, user, tag
  kind          text not null,
  user_id       uuid,
  face_id       uuid,
  external_id   uuid,
  asset_id      text,
  public_id     text,
  resource_type text,
  delivery_type text,
  tag           text,
  forgetting_id uuid references face_forgettings (id),
  requested_at  timestamptz not null default now(),
  due_at        timestamptz not null default now(),
  tries         int not null default 0,
  last_error    text
);
create index face_removals_due on face_removals (due_at);
create index face_removals_asset on face_removals (asset_id) where asset_id is not null;
