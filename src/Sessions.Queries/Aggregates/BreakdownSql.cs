using Sessions.Database.Properties;
using Sessions.Queries.Engines;

namespace Sessions.Queries.Aggregates;

/// <summary>
/// Generates the SQL of the property whose values are the groups of a breakdown, in one statement. A list has several values for
/// one row, which is in each of their groups.
/// </summary>
internal sealed class BreakdownSql
{
    private readonly RequestedProperty _property;
    private readonly StatementParameters _parameters;
    private readonly PropertySql _sql;
    private readonly string _value;

    public BreakdownSql(RequestedProperty property, StatementParameters parameters)
    {
        (_property, _parameters, _sql) = (property, parameters, new PropertySql(property, parameters));
        _value = _sql.Value;
        if (IsList)
        {
            // An empty list counts as missing.
            Join = $"cross join lateral {parameters.Dialect.Items(_value)}";
        }
        else if (property.IsKeyOfEvents)
        {
            Join = $"cross join lateral (select {_value} as value) item";
        }

        string value = Join.Length > 0 ? "item.value" : _value;
        // Ties are ordered by bytes, whatever the database's collation is.
        Value = property.Type is PropertyType.Text or PropertyType.List ? value + " collate \"C\"" : value;
    }

    /// <summary>The SQL join that <see cref="Value"/> needs.</summary>
    public string Join { get; } = "";

    /// <summary>The SQL expression of a row's value.</summary>
    public string Value { get; }

    /// <summary>The SQL expression of a row's number, for bins.</summary>
    public string Number => _sql.Number;

    /// <summary>Whether the statement needs the sessions of events.</summary>
    public bool NeedsSession => _property.OfSession is not null;

    private bool IsList => _property.Type == PropertyType.List;

    /// <summary>The type of a value of a breakdown by a property.</summary>
    public static PropertyType TypeOf(RequestedProperty property) => property.Type == PropertyType.List ? PropertyType.Text : property.Type;

    /// <summary>The SQL expression of the number of a row's group, and the join that it needs. A list makes a row for each of its groups.</summary>
    /// <param name="values">The values that have a group of their own, numbered from 1 on.</param>
    public (string Place, string Join) Places(IReadOnlyList<object?> values)
    {
        // Without a group of their own, rows without a value are among the others.
        int absent = values.ToList().IndexOf(null) + 1;
        object[] present = [.. values.Where(value => value is not null)!];
        int[] places = [.. values.Select((value, index) => (value, index + 1)).Where(one => one.value is not null).Select(one => one.Item2)];
        Dialect dialect = _parameters.Dialect;
        if (IsList)
        {
            return ("top.its_place", dialect.JoinPlacesOfItems(_value, Top(), absent, Group.Others));
        }

        string place = present is [] ? $"{Group.Others}" : $"coalesce(top.its_place, {Group.Others})";
        return (
            $"case when {Value} is null then {absent} else {place} end",
            present is [] ? Join : $"{Join} left join {Top()} on top.value = {Value}");

        string Top()
        {
            Array list = present is [] ? Array.Empty<string>() : Array.CreateInstance(present[0].GetType(), present.Length);
            present.CopyTo(list, 0);
            return dialect.Top(list, places, TypeOf(_property), _parameters);
        }
    }
}
