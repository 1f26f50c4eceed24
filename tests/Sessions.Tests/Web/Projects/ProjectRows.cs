using Npgsql;

namespace Sessions.Tests.Web.Projects;

/// <summary>All rows of a project, in whatever table they are.</summary>
internal static class ProjectRows
{
    /// <summary>The tables, and whatever else tells of projects, with the number of the project's rows in each.</summary>
    public static async Task<Dictionary<string, long>> Count(NpgsqlDataSource database, string project)
    {
        Dictionary<string, long> found = [];
        foreach (string table in await Tables(database))
        {
            found[table] = await Number(database, $"select count(*) from {table} where project = $1", project);
        }

        found["reminders"] = await Number(database, "select count(*) from orleans.orleansreminderstable where starts_with(grainid, 'device/' || $1 || '~')", project);
        found["settings"] = await Number(database, "select count(*) from orleans.orleansstorage where grainidextensionstring like '%~' || $1", project);
        found["deliveries"] = await Number(database, "select count(*) from tracking.webhook_deliveries d left join tracking.webhooks w on w.id = d.webhook_id where w.id is null or w.project = $1", project);
        found["roles"] = await Number(
            database, "select count(*) from pg_roles where rolname in ('sessions_reader_' || $1, 'sessions_sql_' || md5(current_database() || '/' || $1))", project);
        return found;
    }

    /// <summary>A hash of all rows of a project that don't change by themselves.</summary>
    public static async Task<Dictionary<string, string>> Hashes(NpgsqlDataSource database, string project)
    {
        Dictionary<string, string> hashes = [];
        // Gateways write at any time what they have taken.
        foreach (string table in (await Tables(database)).Except(["tracking.project_uses"]))
        {
            // A project's key is used by the test.
            string row = table switch
            {
                "tracking.projects" => "to_jsonb(t) - 'api_key_last_used_at'",
                "tracking.api_keys" => "to_jsonb(t) - 'last_used_at'",
                "tracking.webhooks" => "to_jsonb(t) - 'failures' - 'rest_until'",
                _ => "to_jsonb(t)",
            };
            await using NpgsqlCommand command = database.CreateCommand(
                $"select count(*) || ' ' || coalesce(md5(string_agg(({row})::text, '|' order by ({row})::text)), '') from {table} t where project = $1");
            command.Parameters.AddWithValue(project);
            hashes[table] = (string)(await command.ExecuteScalarAsync())!;
        }

        return hashes;
    }

    private static async Task<List<string>> Tables(NpgsqlDataSource database)
    {
        await using NpgsqlCommand command = database.CreateCommand(
            """
            select c.table_schema || '.' || c.table_name
            from   information_schema.columns c
            join   information_schema.tables t using (table_schema, table_name)
            where  c.column_name in ('project', 'project_id') and t.table_type = 'BASE TABLE'
            order  by 1
            """);
        List<string> tables = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            tables.Add(reader.GetString(0));
        }

        return tables;
    }

    private static async Task<long> Number(NpgsqlDataSource database, string count, string project)
    {
        await using NpgsqlCommand command = database.CreateCommand(count);
        command.Parameters.AddWithValue(project);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
