select key from tracking.person_key
