using Parquet;
using Parquet.Schema;
using Sessions.Database.Properties;

namespace Sessions.Web.Exporting;

/// <summary>A column of a Parquet file, with the values of the rows that are not yet written.</summary>
/// <typeparam name="TRow">A row of the export.</typeparam>
internal abstract class ParquetColumn<TRow>
{
    /// <summary>The column's name and type.</summary>
    public abstract Field Field { get; }

    /// <summary>A column of one of a session's types.</summary>
    /// <param name="name">The column's name.</param>
    /// <param name="type">The type of its values.</param>
    /// <param name="of">Reads a row's value.</param>
    public static ParquetColumn<TRow> Of(string name, PropertyType type, Func<TRow, object?> of) => type switch
    {
        PropertyType.Text => new ParquetTexts<TRow>(name, row => (string?)of(row)),
        PropertyType.Number => new ParquetValues<TRow, int>(new DataField(name, typeof(int), isNullable: true), row => (int?)of(row)),
        // Milliseconds are the most exact part of a second in a session's row.
        PropertyType.Seconds => new ParquetValues<TRow, decimal>(new DecimalDataField(name, 18, 3, isNullable: true), row => (decimal?)of(row)),
        PropertyType.Time => new ParquetValues<TRow, DateTime>(
            new DateTimeDataField(name, DateTimeFormat.Timestamp, isAdjustedToUTC: true, DateTimeTimeUnit.Micros, isNullable: true),
            row => ((DateTimeOffset?)of(row))?.UtcDateTime),
        PropertyType.Boolean => new ParquetValues<TRow, bool>(new DataField(name, typeof(bool), isNullable: true), row => (bool?)of(row)),
        PropertyType.Uuid => new ParquetValues<TRow, Guid>(new DataField(name, typeof(Guid), isNullable: true), row => (Guid?)of(row)),
        PropertyType.List => new ParquetLists<TRow>(name, row => (IReadOnlyList<string>?)of(row)),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };

    /// <summary>Adds the value of a row, and returns how many characters it has.</summary>
    public abstract int Add(TRow row);

    /// <summary>Writes the values that were added, and forgets them.</summary>
    public abstract Task Write(ParquetRowGroupWriter rows, CancellationToken cancellation);
}

/// <summary>A column of numbers, times, booleans or ids.</summary>
internal sealed class ParquetValues<TRow, TValue>(DataField column, Func<TRow, TValue?> of) : ParquetColumn<TRow>
    where TValue : struct
{
    private readonly List<TValue?> _values = [];

    public override Field Field => column;

    public override int Add(TRow row)
    {
        _values.Add(of(row));
        return sizeof(long);
    }

    public override async Task Write(ParquetRowGroupWriter rows, CancellationToken cancellation)
    {
        await rows.WriteAsync<TValue>(column, _values.ToArray().AsMemory(), cancellationToken: cancellation);
        _values.Clear();
    }
}

/// <summary>A column of texts.</summary>
internal sealed class ParquetTexts<TRow>(string name, Func<TRow, string?> of) : ParquetColumn<TRow>
{
    private readonly DataField _field = new(name, typeof(string), isNullable: true);
    private readonly List<string?> _values = [];

    public override Field Field => _field;

    public override int Add(TRow row)
    {
        string? value = of(row);
        _values.Add(value);
        return value?.Length ?? 0;
    }

    public override async Task Write(ParquetRowGroupWriter rows, CancellationToken cancellation)
    {
        await rows.WriteAsync(_field, _values);
        _values.Clear();
    }
}

/// <summary>A column of lists of texts. An empty list is missing, as everywhere.</summary>
internal sealed class ParquetLists<TRow> : ParquetColumn<TRow>
{
    // Of an optional list of optional texts: nothing is defined, or all of it is.
    private const int Missing = 0;
    private const int Whole = 3;

    private readonly DataField _item = new(ListField.ElementName, typeof(string), isNullable: true);
    private readonly List<ReadOnlyMemory<char>> _values = [];
    private readonly List<int> _defined = [];
    private readonly List<int> _repeated = [];
    private readonly Func<TRow, IReadOnlyList<string>?> _of;

    public ParquetLists(string name, Func<TRow, IReadOnlyList<string>?> of) => (Field, _of) = (new ListField(name, _item), of);

    public override Field Field { get; }

    public override int Add(TRow row)
    {
        IReadOnlyList<string> list = _of(row) ?? [];
        int characters = 0;
        for (int at = 0; at < list.Count; at++)
        {
            _values.Add(list[at].AsMemory());
            _defined.Add(Whole);
            _repeated.Add(at == 0 ? 0 : 1);
            characters += list[at].Length;
        }

        if (list.Count == 0)
        {
            _defined.Add(Missing);
            _repeated.Add(0);
        }

        return characters;
    }

    public override async Task Write(ParquetRowGroupWriter rows, CancellationToken cancellation)
    {
        await rows.WriteAllPartsAsync<ReadOnlyMemory<char>>(
            _item, _values.ToArray(), _defined.ToArray(), _repeated.ToArray(), cancellation);
        _values.Clear();
        _defined.Clear();
        _repeated.Clear();
    }
}
