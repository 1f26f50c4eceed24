using DuckDB.NET.Data;
using Sessions.Columns.Files;

namespace Sessions.Columns.Filling;

/// <summary>Session ids in a temporary table of a connection, for statements that are about them.</summary>
internal static class SessionKeys
{
    /// <summary>How many sessions one statement to Postgres names.</summary>
    public const int AtOnce = 5000;

    /// <summary>Selects the ids.</summary>
    public const string Select = "SELECT id FROM temp.keys";

    /// <summary>Writes the ids in the place of those before them.</summary>
    public static void Write(DuckDBConnection duck, IEnumerable<Guid> sessions)
    {
        Sql.Run(duck, "CREATE OR REPLACE TEMP TABLE keys (id UUID NOT NULL)");
        using DuckDBAppender appender = duck.CreateAppender("temp", "main", "keys");
        foreach (Guid session in sessions)
        {
            appender.CreateRow().AppendValue(session).EndRow();
        }
    }
}
