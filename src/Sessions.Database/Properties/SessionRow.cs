using Npgsql;

namespace Sessions.Database.Properties;

/// <summary>The values of a session's properties, read from a grain or from a row of the view.</summary>
/// <param name="Values">
/// One value for each of <see cref="SessionProperties.All"/>, in that order; null for missing values.
/// </param>
public sealed record SessionRow(IReadOnlyList<object?> Values)
{
    private static readonly Dictionary<string, int> Places =
        SessionProperties.All.Select((property, place) => (property.Name, place)).ToDictionary();

    /// <summary>The value of a property.</summary>
    /// <exception cref="KeyNotFoundException">There is no such property.</exception>
    public object? this[string property] => Values[Places[property]];

    /// <summary>The values of a session that a grain returned.</summary>
    public static SessionRow From(Session session) =>
        new(SessionProperties.All.Select(property => property.Of(session)).ToArray());

    /// <summary>Reads the values in the reader's current row, whose columns are those of all properties.</summary>
    internal static SessionRow Read(NpgsqlDataReader reader)
    {
        object?[] values = new object?[SessionProperties.All.Count];
        for (int place = 0; place < values.Length; place++)
        {
            values[place] = ReadValue(reader, place, SessionProperties.All[place].Type);
        }

        return new SessionRow(values);
    }

    /// <summary>The values of a row that a statement has answered, whose columns are those of all properties.</summary>
    internal static SessionRow Of(IReadOnlyList<object?> row) =>
        new([.. SessionProperties.All.Select((property, place) => ValueOf(row[place], property.Type))]);

    /// <summary>A value of this type out of a row that a statement has answered.</summary>
    internal static object? ValueOf(object? value, PropertyType type) => (value, type) switch
    {
        (long number, PropertyType.Number) => (int)number,
        (IEnumerable<object?> list, PropertyType.List) => list.Cast<string>().ToArray() is { Length: > 0 } texts ? texts : null,
        _ => value,
    };

    /// <summary>Reads a value of this type from a column of the reader's current row.</summary>
    internal static object? ReadValue(NpgsqlDataReader reader, int column, PropertyType type)
    {
        if (reader.IsDBNull(column))
        {
            return null;
        }

        return type switch
        {
            PropertyType.Text => reader.GetString(column),
            PropertyType.Number => reader.GetInt32(column),
            PropertyType.Seconds => reader.GetDecimal(column),
            PropertyType.Time => reader.GetFieldValue<DateTimeOffset>(column),
            PropertyType.Boolean => reader.GetBoolean(column),
            PropertyType.Uuid => reader.GetGuid(column),
            PropertyType.List => reader.GetFieldValue<string[]>(column) is { Length: > 0 } list ? list : null,
            _ => throw new InvalidOperationException($"{type} is no known type."),
        };
    }
}
