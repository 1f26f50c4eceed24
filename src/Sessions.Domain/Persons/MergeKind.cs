namespace Sessions.Domain.Persons;

/// <summary>How an event says that two ids are one person's. The numbers are stored.</summary>
public enum MergeKind
{
    /// <summary><c>$identify</c>: the <c>$anon_distinct_id</c> is the distinct id, unless it was somebody before.</summary>
    Identify = 0,

    /// <summary><c>$create_alias</c>: the <c>alias</c> is the distinct id, unless it was somebody before.</summary>
    Alias = 1,

    /// <summary><c>$merge_dangerously</c>: the <c>alias</c> is the distinct id, whoever it was.</summary>
    Dangerous = 2,
}
