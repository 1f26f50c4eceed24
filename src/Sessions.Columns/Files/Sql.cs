using DuckDB.NET.Data;

namespace Sessions.Columns.Files;

/// <summary>Runs single statements on a DuckDB connection.</summary>
internal static class Sql
{
    /// <summary>Runs a statement and returns the number of changed rows.</summary>
    public static int Run(DuckDBConnection connection, string sql, params object?[] parameters)
    {
        using DuckDBCommand command = Command(connection, sql, parameters);
        return command.ExecuteNonQuery();
    }

    /// <summary>Reads a single value; null when there is no row, or when it is null.</summary>
    public static object? Value(DuckDBConnection connection, string sql, params object?[] parameters)
    {
        using DuckDBCommand command = Command(connection, sql, parameters);
        return command.ExecuteScalar() is { } value and not DBNull ? value : null;
    }

    /// <summary>Reads the first column of all rows.</summary>
    public static List<T> List<T>(DuckDBConnection connection, string sql, params object?[] parameters)
    {
        using DuckDBCommand command = Command(connection, sql, parameters);
        using DuckDBDataReader reader = command.ExecuteReader();
        List<T> list = [];
        while (reader.Read())
        {
            list.Add(reader.GetFieldValue<T>(0));
        }

        return list;
    }

    /// <summary>A command with positional parameters.</summary>
    public static DuckDBCommand Command(DuckDBConnection connection, string sql, IReadOnlyList<object?> parameters)
    {
        DuckDBCommand command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (object? parameter in parameters)
        {
            // DuckDB.NET takes null as a value of no type.
            command.Parameters.Add(new DuckDBParameter { Value = parameter });
        }

        return command;
    }
}
