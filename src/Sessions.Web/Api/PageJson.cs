namespace Sessions.Web.Api;

/// <summary>A page of a list, as the API writes it.</summary>
/// <param name="Results">The items of the page.</param>
/// <param name="Next">The cursor of the next page; null when this is the last one.</param>
internal sealed record PageJson<T>(IReadOnlyList<T> Results, string? Next);
