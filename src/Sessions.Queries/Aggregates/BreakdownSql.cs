using Npgsql;
using NpgsqlTypes;
using Sessions.Database.Properties;

namespace Sessions.Queries.Aggregates;

/// <summary>
/// Generates the SQL of the property whose values are the groups of a breakdown. A list has several values for one row, which
/// is in each of their groups.
/// </summary>
internal sealed record BreakdownSql
{
    private const string KeyName = "@breakdown_key";

    private readonly AskedProperty _property;
    private readonly string _items = "";

    private BreakdownSql(AskedProperty property)
    {
        _property = property;
        (string value, bool isList) = (PropertySql.Value(property, KeyName), property.Type == PropertyType.List);
        if (isList)
        {
            // An empty list counts as missing.
            _items = $"unnest(case when cardinality({value}) > 0 then {value} else array[null::text] end) item (value)";
            Join = $"cross join lateral {_items}";
            value = "item.value";
        }
        else if (property.IsKeyOfEvents)
        {
            Join = $"cross join lateral (select {value} as value) item";
            value = "item.value";
        }

        // Ties are ordered by bytes, whatever the database's collation is.
        Value = property.Type is PropertyType.Text or PropertyType.List ? value + " collate \"C\"" : value;
        Type = isList ? PropertyType.Text : property.Type;
    }

    /// <summary>The type of a value.</summary>
    public PropertyType Type { get; }

    /// <summary>The SQL join that <see cref="Value"/> needs.</summary>
    public string Join { get; } = "";

    /// <summary>The SQL expression of a row's value.</summary>
    public string Value { get; }

    /// <summary>The SQL expression of a row's number, for bins.</summary>
    public string Number => PropertySql.Number(_property, KeyName);

    /// <summary>Whether the statement needs the sessions of events.</summary>
    public bool NeedsSession => _property.OfSession is not null;

    private bool IsList => _items.Length > 0;

    public static BreakdownSql Of(AskedProperty property) => new(property);

    /// <summary>The SQL expression of a bin, from 1 on.</summary>
    public static string Bin(string number) => $"least(width_bucket(({number})::numeric, @low, @high, @bins), @bins)";

    public static void AddBins(NpgsqlParameterCollection parameters, decimal low, decimal high, int bins)
    {
        parameters.AddWithValue("@low", low);
        parameters.AddWithValue("@high", high);
        parameters.AddWithValue("@bins", bins);
    }

    /// <summary>Adds the values that have a group of their own, and the groups' numbers.</summary>
    public static void AddTop(NpgsqlParameterCollection parameters, IReadOnlyList<object?> values)
    {
        object[] present = [.. values.Where(value => value is not null)!];
        if (present is [])
        {
            parameters.Add(new NpgsqlParameter("@top_values", NpgsqlDbType.Array | NpgsqlDbType.Text) { Value = Array.Empty<string>() });
        }
        else
        {
            Array list = Array.CreateInstance(present[0].GetType(), present.Length);
            present.CopyTo(list, 0);
            parameters.AddWithValue("@top_values", list);
        }

        int[] places = [.. values.Select((value, index) => (value, index + 1)).Where(one => one.value is not null).Select(one => one.Item2)];
        parameters.AddWithValue("@top_places", places);
    }

    /// <summary>Adds the parameter that the expressions need.</summary>
    public void AddKey(NpgsqlParameterCollection parameters)
    {
        if (_property.IsKeyOfEvents)
        {
            parameters.AddWithValue(KeyName, _property.OfEvent!.Name);
        }
    }

    /// <summary>The SQL expression of the number of a row's group.</summary>
    /// <param name="values">The values that have a group of their own, numbered from 1 on.</param>
    public string Place(IReadOnlyList<object?> values) => IsList ? "top.its_place"
        : $"case when {Value} is null then {Absent(values)} else {(HasValue(values) ? $"coalesce(top.its_place, {Group.Others})" : $"{Group.Others}")} end";

    /// <summary>The SQL join that <see cref="Place"/> needs. A list makes a row for each of its groups.</summary>
    public string PlaceJoin(IReadOnlyList<object?> values) => IsList
        ? $"""
           cross join lateral (
               select distinct case when item.value is null then {Absent(values)} else coalesce(known.its_place, {Group.Others}) end as its_place
               from   {_items}
               left join unnest(@top_values, @top_places) known (value, its_place) on known.value = item.value) top
           """
        : Join + (HasValue(values) ? $" left join unnest(@top_values, @top_places) top (value, its_place) on top.value = {Value}" : "");

    private static bool HasValue(IReadOnlyList<object?> values) => values.Any(value => value is not null);

    // Without a group of their own, rows without a value are among the others.
    private static int Absent(IReadOnlyList<object?> values) => values.ToList().IndexOf(null) + 1;
}
