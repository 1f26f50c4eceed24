using Sessions.Database.Properties;
using Sessions.Queries.Engines;

namespace Sessions.Queries.Aggregates;

/// <summary>
/// Generates the SQL of a property's value in one statement. Sessions have the alias <c>s</c>, events <c>e</c>.
/// </summary>
internal sealed class PropertySql(RequestedProperty property, StatementParameters parameters)
{
    // Null for a property that senders don't choose.
    private readonly EventPropertySql? _ofEvents = property.IsKeyOfEvents ? parameters.Dialect.Property(property.Name, parameters) : null;

    /// <summary>The SQL expression of the property's value.</summary>
    public string Value => _ofEvents?.Value ?? Column;

    /// <summary>The SQL expression of the property as a number: true is 1, and a time is in seconds since 1970.</summary>
    public string Number => _ofEvents?.Calculable ?? property.Type switch
    {
        PropertyType.Number or PropertyType.Seconds => Column,
        PropertyType.Boolean => $"{Column}::integer",
        PropertyType.Time => parameters.Dialect.Epoch(Column),
        _ when property.OfEvent is not null => parameters.Dialect.NumberOfText($"({Column}::text)"),
        _ => throw new InvalidOperationException($"{property.Name} is no number."),
    };

    private string Column => property.OfSession is { } its ? $"s.{its.Column}" : $"e.{property.OfEvent!.Column}";
}
