namespace Sessions.Web.Layout;

/// <summary>The fields that the address of a page may have. A page names the other fields: the user has mistyped them.</summary>
/// <param name="Names">The fields.</param>
public sealed record PageFields(params string[] Names)
{
    /// <summary>The fields that links to other pages over sessions carry: the range and the filters.</summary>
    public static readonly string[] Carried = ["date_from", "date_to", .. FilterRows.Fields];

    /// <summary>Whether the page takes a range and filters.</summary>
    public bool AreOfSessions => Carried.All(Names.Contains);
}
