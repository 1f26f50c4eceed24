namespace Sessions.Web.Layout;

/// <summary>
/// The fields that the address of a page may have. A page names the other fields, because the user has mistyped them. A page
/// without this may have none. What a page does not understand of a field's value it adds with
/// <see cref="PageContext.NotUnderstood(IEnumerable{string})"/>, and the shell of all pages shows both.
/// </summary>
/// <param name="Names">The fields.</param>
public sealed record PageFields(params string[] Names)
{
    /// <summary>The fields that links to other pages carry: the range and the filters.</summary>
    public static readonly string[] Carried = ["date_from", "date_to", .. FilterRows.Fields];

    /// <summary>The page knows no fields.</summary>
    public static PageFields None { get; } = new();

    /// <summary>Whether the page takes or keeps a range and filters.</summary>
    public bool AreOfSessions => Carried.All(Names.Contains);
}
