using Npgsql;

namespace Sessions.Tests.Database;

/// <summary>
/// Makes one Postgres look like several to whoever asks which server it is: a schema with functions of its own, which a
/// connection finds before Postgres' functions.
/// </summary>
internal static class OtherServer
{
    /// <summary>A connection string that leads to the same database and looks like another server.</summary>
    /// <param name="connectionString">The database.</param>
    /// <param name="name">The schema's name.</param>
    /// <param name="system">What the server and its standbys share.</param>
    /// <param name="timeline">Its timeline.</param>
    /// <param name="started">When it was started.</param>
    /// <param name="isStandby">Whether it is in recovery.</param>
    /// <param name="tellsTimeline">Whether it allows the question.</param>
    public static async Task<string> Make(
        string connectionString,
        string name,
        long system = 1,
        int timeline = 1,
        string started = "2026-01-01",
        bool isStandby = false,
        bool tellsTimeline = true)
    {
        string refusal = tellsTimeline ? "" : "raise insufficient_privilege;";
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(connectionString);
        await using NpgsqlCommand make = database.CreateCommand(
            $"""
            create schema {name};
            create function {name}.pg_control_system() returns table (system_identifier bigint) language plpgsql as
                $$ begin {refusal} return query select {system}::bigint; end $$;
            create function {name}.pg_is_in_recovery() returns boolean language sql as $$ select {isStandby} $$;
            create function {name}.pg_walfile_name(pg_lsn) returns text language sql as $$ select '{timeline:X8}0000000000000001' $$;
            create function {name}.pg_postmaster_start_time() returns timestamptz language sql as $$ select timestamptz '{started} 00:00:00Z' $$;
            """);
        await make.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(connectionString) { SearchPath = $"{name},pg_catalog,tracking,public", Pooling = false }.ConnectionString;
    }
}
