using System.Text;
using Microsoft.AspNetCore.Http;

namespace Sessions.Web.Layout;

/// <summary>
/// A page's address. It determines everything that the page shows, so a link shows other people the same.
/// </summary>
public sealed class PageQuery
{
    /// <summary>The fields that say which page of a list is shown. Other lists begin with their first page.</summary>
    public static readonly string[] Places = ["cursor", "back", "page"];

    private readonly string _path;
    private readonly IReadOnlyList<KeyValuePair<string, string>> _fields;

    private PageQuery(string path, IReadOnlyList<KeyValuePair<string, string>> fields) => (_path, _fields) = (path, fields);

    /// <summary>The path, without the fields.</summary>
    public string Path => _path;

    /// <summary>The fields in their order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Fields => _fields;

    public static PageQuery Of(HttpRequest request, string? path = null) => new(
        path ?? request.Path,
        [
            .. request.Query.SelectMany(field => field.Value.Select(value => KeyValuePair.Create(field.Key, value ?? ""))),
        ]);

    public static PageQuery At(string path) => new(path, []);

    /// <summary>The first value of a field; null when it has none or an empty one.</summary>
    public string? this[string name] =>
        _fields.FirstOrDefault(field => field.Key == name).Value is { Length: > 0 } value ? value : null;

    /// <summary>All values of a field.</summary>
    public IReadOnlyList<string> All(string name) => [.. _fields.Where(field => field.Key == name).Select(field => field.Value)];

    /// <summary>The same address with this value for the field, or without the field when it is null.</summary>
    public PageQuery With(string name, string? value) => With(name, value is null ? [] : [value]);

    /// <summary>The same address with these values for the field.</summary>
    public PageQuery With(string name, IEnumerable<string> values) => new(
        _path,
        [.. _fields.Where(field => field.Key != name), .. values.Select(value => KeyValuePair.Create(name, value))]);

    /// <summary>The same address without these fields.</summary>
    public PageQuery Without(params string[] names) => new(_path, [.. _fields.Where(field => !names.Contains(field.Key))]);

    /// <summary>The same address with these fields alone.</summary>
    public PageQuery Only(params string[] names) => new(_path, [.. _fields.Where(field => names.Contains(field.Key))]);

    /// <summary>The same fields with another path.</summary>
    public PageQuery To(string path) => new(path, _fields);

    public override string ToString()
    {
        StringBuilder address = new(_path);
        char mark = '?';
        foreach ((string name, string value) in _fields)
        {
            address.Append(mark).Append(Uri.EscapeDataString(name)).Append('=').Append(Uri.EscapeDataString(value));
            mark = '&';
        }

        return address.ToString();
    }
}
