namespace Sessions.Columns.Filling;

/// <summary>The numbers of a row of sessions or events.</summary>
/// <param name="Id">The number of the distinct id.</param>
/// <param name="Session">The number of the session.</param>
/// <param name="Person">The number of the id's person.</param>
internal readonly record struct RowNumbers(int Id, int Session, int Person);
