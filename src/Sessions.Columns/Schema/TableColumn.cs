namespace Sessions.Columns.Schema;

/// <summary>The type of a column, as DuckDB and Postgres have it.</summary>
public enum ColumnType
{
    /// <summary>A text: VARCHAR.</summary>
    Text,

    /// <summary>A whole number: BIGINT.</summary>
    Number,

    /// <summary>A number that the file itself gives: INTEGER.</summary>
    Place,

    /// <summary>Seconds with milliseconds: DECIMAL(18,3).</summary>
    Seconds,

    /// <summary>A point in time: TIMESTAMPTZ.</summary>
    Time,

    /// <summary>A date: DATE.</summary>
    Date,

    /// <summary>True or false: BOOLEAN.</summary>
    Boolean,

    /// <summary>A UUID: UUID.</summary>
    Uuid,

    /// <summary>A list of texts: VARCHAR[].</summary>
    List,
}

/// <summary>A column of a table in DuckDB. The view of Postgres has a column of the same name.</summary>
/// <param name="Name">The name.</param>
/// <param name="Type">The type.</param>
/// <param name="IsNullable">Whether a value may be null.</param>
/// <param name="Compression">DuckDB's compression of the column; null when DuckDB chooses.</param>
public sealed record TableColumn(string Name, ColumnType Type, bool IsNullable = true, string? Compression = null)
{
    /// <summary>DuckDB's name of the type.</summary>
    public string SqlType => Type switch
    {
        ColumnType.Text => "VARCHAR",
        ColumnType.Number => "BIGINT",
        ColumnType.Place => "INTEGER",
        ColumnType.Seconds => "DECIMAL(18,3)",
        ColumnType.Time => "TIMESTAMPTZ",
        ColumnType.Date => "DATE",
        ColumnType.Boolean => "BOOLEAN",
        ColumnType.Uuid => "UUID",
        ColumnType.List => "VARCHAR[]",
        _ => throw new InvalidOperationException($"{Type} is no known type."),
    };

    /// <summary>The column's line of a create statement.</summary>
    internal string Declaration =>
        $"\"{Name}\" {SqlType}{(IsNullable ? "" : " NOT NULL")}{(Compression is null ? "" : $" USING COMPRESSION {Compression}")}";
}
