using Npgsql;

namespace Sessions.Queries.Engines;

/// <summary>
/// The parameters of one statement, in the order of their numbers. Everything that a caller wrote becomes a parameter.
/// </summary>
/// <param name="dialect">The SQL that the statement is written in.</param>
internal sealed class StatementParameters(Dialect dialect)
{
    private readonly List<object> _values = [];

    /// <summary>The SQL that the statement is written in.</summary>
    public Dialect Dialect { get; } = dialect;

    /// <summary>Adds a value and returns the name to write into the statement.</summary>
    public string AddNext(object value)
    {
        _values.Add(value);
        return $"${_values.Count}";
    }

    /// <summary>Adds any number of values of one type as one list.</summary>
    public string AddList(IReadOnlyList<object> values)
    {
        Array list = Array.CreateInstance(values[0].GetType(), values.Count);
        for (int i = 0; i < list.Length; i++)
        {
            list.SetValue(values[i], i);
        }

        return AddNext(list);
    }

    /// <summary>Makes the statement with these parameters.</summary>
    public Statement With(string sql) => new(sql, [.. _values]);
}

/// <summary>A statement that reads.</summary>
/// <param name="Sql">The text, with the parameters $1, $2 and so on.</param>
/// <param name="Values">Their values, none of them null.</param>
public sealed record Statement(string Sql, IReadOnlyList<object> Values)
{
    /// <summary>The statement as a command to Postgres.</summary>
    internal NpgsqlCommand OnPostgres(NpgsqlConnection connection)
    {
        NpgsqlCommand command = new(Sql, connection);
        foreach (object value in Values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }
}
