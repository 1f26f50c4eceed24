
namespace Sessions.Domain.Persons;

/// <summary>How an event merges two ids of a person. The numbers are stored.</summary>
public enum MergeKind
{
    /// <summary>
    /// <c>$identify</c>: merges the <c>$anon_distinct_id</c> into the distinct id, unless it was identified before.
    /// </summary>
    Identify = 0,

    /// <summary>
    /// <c>$create_alias</c>: merges the <c>alias</c> into the distinct id, unless it was identified before.
    /// </summary>
    Alias = 1,

    /// <summary>
    /// <c>$merge_dangerously</c>: merges the <c>alias</c> into the distinct id, also if it was identified before.
    /// </summary>
    Dangerous = 2,
}
