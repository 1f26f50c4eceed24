select {columns} from ({sessions}) v where v.project = $1 order by v.start_timestamp
