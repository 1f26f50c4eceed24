using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Sessions.Queries;

namespace Sessions.Web.Access;

/// <summary>
/// Keeps the keys that protect cookies and forms in Postgres, so that they are the same at every gateway and survive
/// restarts.
/// </summary>
internal sealed class PageKeys(PageKeyQueries queries) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements() =>
        queries.GetAll().Select(xml => XElement.Parse(xml)).ToArray();

    public void StoreElement(XElement element, string friendlyName)
    {
        string xml = element.ToString(SaveOptions.DisableFormatting);
        if (element.Name == "key")
        {
            queries.AddKey(friendlyName, xml);
        }
        else
        {
            queries.Add(friendlyName, xml);
        }
    }
}
