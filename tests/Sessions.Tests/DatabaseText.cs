using System.Text;
using Npgsql;

namespace Sessions.Tests;

/// <summary>Looks for a text in everything that a database holds.</summary>
public static class DatabaseText
{
    /// <summary>The tables that have the text in any column of any row: as text, or as bytes of UTF-8.</summary>
    public static async Task<IReadOnlyList<string>> TablesWith(NpgsqlDataSource database, string text)
    {
        List<string> tables = [];
        foreach (string table in await Tables(database))
        {
            await using NpgsqlCommand find = database.CreateCommand(
                $"select exists (select from {table} t where strpos(t::text, $1) > 0 or strpos(t::text, $2) > 0)");
            find.Parameters.Add(new() { Value = text });
            find.Parameters.Add(new() { Value = Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text)) });
            if ((bool)(await find.ExecuteScalarAsync())!)
            {
                tables.Add(table);
            }
        }

        return tables;
    }

    private static async Task<IReadOnlyList<string>> Tables(NpgsqlDataSource database)
    {
        await using NpgsqlCommand command = database.CreateCommand(
            """
            select oid::regclass::text
            from   pg_class
            where  relkind in ('r', 'm') and relnamespace::regnamespace::text not in ('pg_catalog', 'information_schema', 'pg_toast')
            """);
        List<string> tables = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            tables.Add(reader.GetString(0));
        }

        return tables;
    }
}
