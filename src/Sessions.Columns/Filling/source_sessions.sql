select {columns} from ({sessions}) v where v.project = $1 and v.session_id = any ($2)
