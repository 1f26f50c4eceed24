using Sessions.Domain.Folding;

namespace Sessions.Silo.Journal;

/// <summary>
/// Writes sessions' entries. Each silo has one; it commits the pending appends of many sessions as a group.
/// </summary>
public interface IJournal
{
    /// <summary>
    /// Writes all entries of an append or none. Appends of one <see cref="AppendChain"/> commit in the order of the
    /// calls; after one has failed the journal refuses the later ones.
    /// </summary>
    Task<JournalResult> Append(JournalAppend append);
}
